// gradus-cli: the engine without a window.
#include <csignal>
#include <cstdio>
#include <exception>

#include "app/cli/commands.h"
#include "app/cli/output.h"
#include "app/devices.h"
#include "compute/cpu/short_spins.h"

namespace {

volatile std::sig_atomic_t interrupts = 0;

void on_interrupt(int) {
  interrupts = interrupts + 1;
  if (interrupts < 2) return;
  std::signal(SIGINT, SIG_DFL);  // a third one ends it at once
  std::signal(SIGTERM, SIG_DFL);
}

}  // namespace

int gradus::cli::interruptions() { return interrupts; }

int main(int argc, char** argv) {
  gradus::cpu::use_short_spins(argv);
  CLI::App app("Gradus: see how neural networks learn. This is the engine in the terminal.");
  app.require_subcommand(0, 1);
  app.set_version_flag("--version", "gradus-cli 0.1.0");
  gradus::cli::Action run;
  gradus::cli::add_train(app, run);
  gradus::cli::add_step(app, run);
  gradus::cli::add_run(app, run);
  gradus::cli::add_ops(app, run);
  gradus::cli::add_devices(app, run);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (!run) {
    std::fputs(app.help().c_str(), stderr);
    return 2;
  }
  // Not std::signal: a read from the keyboard must end, too.
  struct sigaction action = {};
  action.sa_handler = on_interrupt;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);  // a closed pipe is seen where it is written to
  try {
    gradus::Runtime runtime;
    gradus::add_devices(runtime);
    const gradus::RuntimeGuard guard(runtime);
    const int code = run(runtime);
    if (!gradus::cli::output_lost()) return code;
    std::fputs("error: the output could not be written (a closed pipe, a full disk)\n", stderr);
    return code ? code : 1;
  } catch (const std::bad_alloc&) {
    std::fprintf(stderr, "error: [memory] there is not enough\n");
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
  }
  return 1;
}
