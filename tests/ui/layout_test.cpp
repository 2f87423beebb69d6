// gradus-layout, and what the window does when it ends, hangs or is not there.
#include <gtest/gtest.h>

#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include "ui/dag/layout_client.h"

namespace gradus::ui {
namespace {

const LayoutRequest kThree{{{100, 40}, {80, 40}, {90, 40}}, {{0, 1}, {0, 2}, {1, 2}}};

struct Answers {
  explicit Answers(LayoutClient& client) {
    QObject::connect(&client, &LayoutClient::placed, [this](const LayoutResult& result) {
      last = result;
      ++placed;
    });
    QObject::connect(&client, &LayoutClient::restarted, [this] { ++restarted; });
    QObject::connect(&client, &LayoutClient::failed, [this](const QString& w) { why = w; });
  }
  LayoutResult last;
  int placed = 0;
  int restarted = 0;
  QString why;
};

// A program that behaves as the script says.
QString script(const QTemporaryDir& folder, const QByteArray& text) {
  const QString file = folder.filePath(QStringLiteral("layout.sh"));
  QFile out(file);
  EXPECT_TRUE(out.open(QIODevice::WriteOnly));
  out.write("#!/bin/sh\n" + text);
  out.close();
  QFile::setPermissions(file, QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
  return file;
}

TEST(Layout, PlacesNodesInRowsAndDrawsEdges) {
  LayoutClient client(QStringLiteral(GRADUS_LAYOUT));
  Answers answers(client);
  client.request(kThree);
  ASSERT_TRUE(QTest::qWaitFor([&] { return answers.placed == 1; }));
  ASSERT_EQ(answers.last.nodes.size(), 3u);
  EXPECT_LT(answers.last.nodes[0].y(), answers.last.nodes[1].y());
  EXPECT_LT(answers.last.nodes[1].y(), answers.last.nodes[2].y());
  ASSERT_EQ(answers.last.edges.size(), 3u);
  for (const QPainterPath& edge : answers.last.edges) EXPECT_GT(edge.length(), 10);
}

TEST(Layout, TheNewestRequestCounts) {
  LayoutClient client(QStringLiteral(GRADUS_LAYOUT));
  Answers answers(client);
  client.request(kThree);
  client.request({{{10, 10}}, {}});
  ASSERT_TRUE(QTest::qWaitFor([&] { return answers.placed == 1; }));
  EXPECT_EQ(answers.last.nodes.size(), 1u);
}

TEST(Layout, AnEdgeToNowhereIsAnError) {
  LayoutClient client(QStringLiteral(GRADUS_LAYOUT));
  Answers answers(client);
  client.request({{{10, 10}}, {{0, 7}}});
  ASSERT_TRUE(QTest::qWaitFor([&] { return !answers.why.isEmpty(); }));
  client.request(kThree);
  ASSERT_TRUE(QTest::qWaitFor([&] { return answers.placed == 1; })) << "it lives on";
}

TEST(Layout, OneThatCrashesIsStartedAgain) {
  const QTemporaryDir folder;
  const QString once = folder.filePath(QStringLiteral("once"));
  LayoutClient client(script(folder, "if [ ! -f '" + once.toUtf8() + "' ]; then touch '" +
                                         once.toUtf8() +
                                         "'; read x; kill -SEGV $$; fi\nexec " GRADUS_LAYOUT "\n"));
  Answers answers(client);
  client.request(kThree);
  ASSERT_TRUE(QTest::qWaitFor([&] { return answers.placed == 1; }));
  EXPECT_EQ(answers.restarted, 1);
}

TEST(Layout, OneThatHangsIsEndedAndStartedAgain) {
  const QTemporaryDir folder;
  const QString once = folder.filePath(QStringLiteral("once"));
  LayoutClient client(
      script(folder, "if [ ! -f '" + once.toUtf8() + "' ]; then touch '" + once.toUtf8() +
                         "'; exec sleep 60; fi\nexec " GRADUS_LAYOUT "\n"),
      500);
  Answers answers(client);
  client.request(kThree);
  ASSERT_TRUE(QTest::qWaitFor([&] { return answers.placed == 1; }));
  EXPECT_EQ(answers.restarted, 1);
}

TEST(Layout, OneThatIsNotThereIsSaid) {
  LayoutClient client(QStringLiteral("/nowhere/gradus-layout"));
  Answers answers(client);
  client.request(kThree);
  ASSERT_TRUE(QTest::qWaitFor([&] { return !answers.why.isEmpty(); }));
  EXPECT_TRUE(answers.why.contains(QStringLiteral("/nowhere/gradus-layout")));
}

}  // namespace
}  // namespace gradus::ui
