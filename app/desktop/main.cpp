// gradus: the window. Makes the runtime, the document and the engine, and hands them to the window.
#include <QApplication>
#include <QCommandLineParser>
#include <QDir>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "app/datasets.h"
#include "app/devices.h"
#include "compute/cpu/short_spins.h"
#include "core/io/examples.h"
#include "core/tensor/runtime.h"
#include "ui/bridge/engine_bridge.h"
#include "ui/document/document.h"
#include "ui/main_window.h"

namespace {

// Whether Qt has somewhere to draw; without it, it would abort.
bool hasDisplay(int argc, char** argv) {
  for (const char* name : {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}) {
    if (const char* value = std::getenv(name); value && *value) return true;
  }
  return std::any_of(argv + 1, argv + argc,
                     [](const char* argument) { return std::strcmp(argument, "-platform") == 0; });
}

}  // namespace

int main(int argc, char** argv) {
  gradus::cpu::use_short_spins(argv);
  if (!hasDisplay(argc, argv)) {
    std::fputs("gradus: there is no display. In a terminal, gradus-cli trains and steps.\n",
               stderr);
    return 1;
  }
  QApplication application(argc, argv);
  QApplication::setApplicationName(QStringLiteral("Gradus"));
  QApplication::setOrganizationName(QStringLiteral("Gradus"));
  QApplication::setApplicationVersion(QStringLiteral(GRADUS_VERSION));
  QApplication::setStyle(QStringLiteral("Fusion"));

  QCommandLineParser parser;
  parser.setApplicationDescription(QApplication::tr("See how neural networks learn."));
  parser.addHelpOption();
  parser.addVersionOption();
  parser.addPositionalArgument(QStringLiteral("file"),
                               QApplication::tr("A network (.gradus) to open"),
                               QStringLiteral("[file]"));
  const QCommandLineOption data(QStringLiteral("data"),
                                QApplication::tr("Folder of FashionMNIST's files"),
                                QStringLiteral("folder"));
  parser.addOption(data);
  const QCommandLineOption device(
      QStringLiteral("device"),
      QApplication::tr("cpu, vulkan (the best GPU) or vulkan:N; gradus-cli devices lists them"),
      QStringLiteral("device"), QStringLiteral("cpu"));
  parser.addOption(device);
  parser.process(application);

  gradus::Runtime runtime;
  gradus::add_devices(runtime);
  const gradus::RuntimeGuard guard(runtime);  // shapes are inferred in this thread

  gradus::ui::Document document;
  gradus::ui::EngineBridge bridge(
      runtime, [folder = parser.value(data).toStdString()](const std::string& name) {
        return gradus::load_dataset(name, folder);
      });
  try {
    bridge.useDevice(gradus::parse_device(parser.value(device).toStdString()));
  } catch (const gradus::Error& error) {
    std::fprintf(stderr, "gradus: %s\n", error.what());
    return 2;
  }
  gradus::ui::MainWindow window(document, bridge,
                                QDir(QApplication::applicationDirPath()).filePath("gradus-layout"));
  document.start(gradus::quickstart_network());
  window.show();
  const QStringList files = parser.positionalArguments();
  if (!files.isEmpty()) window.openFile(files.first());
  return QApplication::exec();
}
