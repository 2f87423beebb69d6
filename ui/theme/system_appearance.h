// Whether the system is dark: as the desktop says, now and whenever it changes; without a desktop
// that says so, as the palette is when the program starts.
#pragma once

#include <QDBusConnection>
#include <QDBusMessage>
#include <QObject>

namespace gradus::ui {

class SystemAppearance final : public QObject {
  Q_OBJECT

 public:
  explicit SystemAppearance(QObject* parent = nullptr);
  // Asks the desktop's settings portal (org.freedesktop.portal.Settings) on `bus`.
  explicit SystemAppearance(const QDBusConnection& bus, QObject* parent = nullptr);

  bool dark() const { return dark_; }

 signals:
  void changed();

 private slots:
  void onSettingChanged(const QDBusMessage& message);

 private:
  void take(const QVariant& scheme);

  const bool paletteIsDark_;
  bool dark_;
};

}  // namespace gradus::ui
