// The main() of window tests: a Qt application without a display unless one is asked for, and a
// runtime for the whole program. Settings go to a place of their own.
#include <gtest/gtest.h>

#include <QApplication>
#include <QSettings>
#include <QTemporaryDir>

#include "compute/cpu/cpu_backend.h"
#include "core/tensor/runtime.h"

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM")) qputenv("QT_QPA_PLATFORM", "offscreen");
  const QTemporaryDir settings;
  QSettings::setDefaultFormat(QSettings::IniFormat);
  QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, settings.path());
  QApplication application(argc, argv);
  QApplication::setApplicationName(QStringLiteral("Gradus tests"));
  QApplication::setOrganizationName(QStringLiteral("Gradus tests"));
  QApplication::setStyle(QStringLiteral("Fusion"));
  gradus::Runtime runtime;
  runtime.add_backend(gradus::cpu::make_cpu_backend());
  const gradus::RuntimeGuard guard(runtime);
  return RUN_ALL_TESTS();
}
