#include "ui/theme/system_appearance.h"

#include <QApplication>
#include <QDBusPendingCallWatcher>
#include <QDBusPendingReply>
#include <QDBusVariant>
#include <QFileInfo>
#include <QPalette>

namespace gradus::ui {
namespace {

const QString kGroup = QStringLiteral("org.freedesktop.appearance");
const QString kKey = QStringLiteral("color-scheme");
const QString kPath = QStringLiteral("/org/freedesktop/portal/desktop");
const QString kInterface = QStringLiteral("org.freedesktop.portal.Settings");

// A session bus that is there; asking for one that is not would start it.
QDBusConnection bus() {
  const QString runtime = qEnvironmentVariable("XDG_RUNTIME_DIR");
  const bool there = qEnvironmentVariableIsSet("DBUS_SESSION_BUS_ADDRESS") ||
                     (!runtime.isEmpty() && QFileInfo::exists(runtime + QStringLiteral("/bus")));
  return there ? QDBusConnection::sessionBus() : QDBusConnection(QString());
}

}  // namespace

SystemAppearance::SystemAppearance(QObject* parent) : SystemAppearance(bus(), parent) {}

SystemAppearance::SystemAppearance(const QDBusConnection& bus, QObject* parent)
    : QObject(parent),
      paletteIsDark_(QApplication::palette().color(QPalette::Window).lightness() < 128),
      dark_(paletteIsDark_) {
  if (!bus.isConnected()) return;
  // Between two programs, without a bus, there are no names.
  const QString service =
      bus.interface() ? QStringLiteral("org.freedesktop.portal.Desktop") : QString();
  QDBusConnection connection = bus;
  connection.connect(service, kPath, kInterface, QStringLiteral("SettingChanged"), this,
                     SLOT(onSettingChanged(QDBusMessage)));
  QDBusMessage question =
      QDBusMessage::createMethodCall(service, kPath, kInterface, QStringLiteral("Read"));
  question << kGroup << kKey;
  auto* watcher = new QDBusPendingCallWatcher(connection.asyncCall(question), this);
  connect(watcher, &QDBusPendingCallWatcher::finished, this, [this](QDBusPendingCallWatcher* done) {
    const QDBusPendingReply<QDBusVariant> answer = *done;
    if (answer.isValid()) take(answer.value().variant());
    done->deleteLater();
  });
}

// Its arguments: group, key, value.
void SystemAppearance::onSettingChanged(const QDBusMessage& message) {
  const QVariantList what = message.arguments();
  if (what.value(0) == kGroup && what.value(1) == kKey) take(what.value(2));
}

// 1: dark, 2: light, anything else: no preference. Read() packs the number twice.
void SystemAppearance::take(const QVariant& scheme) {
  const QVariant inner =
      scheme.canConvert<QDBusVariant>() ? scheme.value<QDBusVariant>().variant() : scheme;
  const uint number = inner.toUInt();
  const bool dark = number == 1 || (number != 2 && paletteIsDark_);
  if (std::exchange(dark_, dark) != dark) emit changed();
}

}  // namespace gradus::ui
