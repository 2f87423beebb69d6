// Dark and light as the desktop says, and on its word at once: a desktop's settings portal is
// played here, over a connection of its own.
#include "ui/theme/system_appearance.h"

#include <gtest/gtest.h>

#include <QDBusMessage>
#include <QDBusServer>
#include <QDBusVariant>
#include <QDBusVirtualObject>
#include <QTest>

namespace gradus::ui {
namespace {

class Portal final : public QDBusVirtualObject {
 public:
  using QDBusVirtualObject::QDBusVirtualObject;
  QString introspect(const QString&) const override { return {}; }
  bool handleMessage(const QDBusMessage& message, const QDBusConnection& bus) override {
    if (message.member() != QStringLiteral("Read")) return false;
    const QDBusVariant inner{QVariant(scheme)};
    bus.send(message.createReply(QVariant::fromValue(QDBusVariant(QVariant::fromValue(inner)))));
    return true;
  }
  static void tell(QDBusConnection bus, const QString& key, uint value) {
    QDBusMessage signal = QDBusMessage::createSignal(
        QStringLiteral("/org/freedesktop/portal/desktop"),
        QStringLiteral("org.freedesktop.portal.Settings"), QStringLiteral("SettingChanged"));
    signal << QStringLiteral("org.freedesktop.appearance") << key
           << QVariant::fromValue(QDBusVariant(QVariant(value)));
    EXPECT_TRUE(bus.send(signal)) << bus.lastError().message().toStdString();
  }
  uint scheme = 0;
};

TEST(SystemAppearances, FollowTheDesktop) {
  QDBusServer server;
  ASSERT_TRUE(server.isConnected()) << server.lastError().message().toStdString();
  server.setAnonymousAuthenticationAllowed(true);
  Portal portal;
  portal.scheme = 1;
  std::optional<QDBusConnection> ours;
  QObject::connect(&server, &QDBusServer::newConnection, [&](const QDBusConnection& accepted) {
    QDBusConnection connection = accepted;
    connection.registerVirtualObject(QStringLiteral("/org/freedesktop/portal/desktop"), &portal);
    ours = connection;
  });
  const QString name = QStringLiteral("appearance-test");
  {
    SystemAppearance system(QDBusConnection::connectToPeer(server.address(), name));
    int changes = 0;
    QObject::connect(&system, &SystemAppearance::changed, [&] { ++changes; });
    ASSERT_TRUE(QTest::qWaitFor([&] { return system.dark(); })) << "as it is at the start";
    ASSERT_TRUE(ours);
    Portal::tell(*ours, QStringLiteral("accent-color"), 2);
    Portal::tell(*ours, QStringLiteral("color-scheme"), 2);
    ASSERT_TRUE(QTest::qWaitFor([&] { return !system.dark(); })) << "as it becomes";
    EXPECT_EQ(changes, 2);
  }
  QDBusConnection::disconnectFromPeer(name);
}

TEST(SystemAppearances, WithoutADesktopTheStartCounts) {
  const SystemAppearance system{QDBusConnection(QString())};
  EXPECT_FALSE(system.dark());
}

}  // namespace
}  // namespace gradus::ui
