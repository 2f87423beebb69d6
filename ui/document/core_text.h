// The engine's words as people read them.
#pragma once

#include <QCoreApplication>
#include <QString>

#include "core/base/error.h"

namespace gradus::ui {

// A fixed text of the engine's (what an op does, the name of a phase), translated.
inline QString coreText(const char* text) { return QCoreApplication::translate("core", text); }

// "expects 5 features …" of "[hidden] expects 5 features …", where the place is in view.
inline QString reasonText(const std::string& message) {
  const std::string_view says = without_place(message);
  return QString::fromUtf8(says.data(), static_cast<qsizetype>(says.size()));
}

// "hidden: expects 5 features …"
inline QString errorText(const std::string& message) {
  QString says = reasonText(message);
  const size_t place = message.size() - without_place(message).size();
  if (place == 0) return says;
  return QString::fromStdString(message.substr(1, place - 3)) + QStringLiteral(": ") + says;
}

}  // namespace gradus::ui
