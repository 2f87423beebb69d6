// The window's dealings with files: opening, saving, exporting, and asking before something is
// lost.
#include <QAbstractButton>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QMenu>
#include <QMessageBox>
#include <QSaveFile>
#include <QSettings>

#include "ui/charts/training_charts.h"
#include "ui/main_window.h"

namespace gradus::ui {
namespace {

constexpr int kMostRecent = 8;

}  // namespace

// Whether what is open may be left: asks once, about everything that would be lost.
bool MainWindow::mayLeave(const QString& why) {
  const bool busy = bridge_.busy();
  if (!document_.isModified() && !busy) return true;
  QStringList text{why};
  if (busy) text << tr("Training is under way and will be stopped.");
  if (document_.isModified()) text << tr("The network has changes that are not saved.");
  const QString question = text.join('\n');
  QMessageBox::StandardButtons buttons = QMessageBox::Cancel | QMessageBox::Discard;
  if (document_.isModified()) buttons |= QMessageBox::Save;
  int choice = QMessageBox::Cancel;
  if (answer) {
    choice = answer(question);
  } else {
    QMessageBox box(QMessageBox::Question, tr("Gradus"), question, buttons, this);
    if (!document_.isModified()) box.button(QMessageBox::Discard)->setText(tr("Stop and go on"));
    choice = box.exec();
  }
  if (choice == QMessageBox::Save) {
    save();
    return !document_.isModified();
  }
  return choice == QMessageBox::Discard;
}

void MainWindow::open() {
  const QString file = QFileDialog::getOpenFileName(this, tr("Open a network"), QString(),
                                                    tr("Gradus networks (*.gradus)"));
  if (!file.isEmpty()) openFile(file);
}

void MainWindow::openFile(const QString& file) {
  if (!mayLeave(tr("Open %1?").arg(QFileInfo(file).fileName()))) return;
  const QString reason = document_.open(file);
  if (reason.isEmpty()) {
    remember(file);
  } else {
    showError(reason);
  }
}

void MainWindow::openExample(const NetGraph& graph) {
  if (mayLeave(tr("Open the example?"))) document_.start(graph);
}

void MainWindow::save() {
  if (document_.file().isEmpty()) {
    saveAs();
    return;
  }
  const QString reason = document_.save(document_.file());
  if (!reason.isEmpty()) showError(reason);
}

void MainWindow::saveAs() {
  QString file = QFileDialog::getSaveFileName(this, tr("Save the network"), QString(),
                                              tr("Gradus networks (*.gradus)"));
  if (file.isEmpty()) return;
  if (QFileInfo(file).suffix().isEmpty()) file += QStringLiteral(".gradus");
  const QString reason = document_.save(file);
  reason.isEmpty() ? remember(file) : showError(reason);
}

void MainWindow::remember(const QString& file) {
  QSettings settings;
  QStringList files = settings.value(QStringLiteral("recent")).toStringList();
  files.removeAll(file);
  files.prepend(file);
  settings.setValue(QStringLiteral("recent"), files.mid(0, kMostRecent));
}

void MainWindow::fillRecent(QMenu* menu) {
  menu->clear();
  for (const QString& file : QSettings().value(QStringLiteral("recent")).toStringList()) {
    connect(menu->addAction(QDir::toNativeSeparators(file)), &QAction::triggered, this,
            [this, file] { openFile(file); });
  }
  if (menu->isEmpty()) menu->addAction(tr("No files yet"))->setEnabled(false);
}

void MainWindow::saveWeights() {
  const QString file = QFileDialog::getSaveFileName(this, tr("Save the weights"), QString(),
                                                    tr("safetensors (*.safetensors)"));
  if (!file.isEmpty()) bridge_.saveWeights(file);
}

void MainWindow::exportPicture() {
  const QString file =
      QFileDialog::getSaveFileName(this, tr("Export the curves"), QString(), tr("PNG (*.png)"));
  if (!file.isEmpty() && !charts_->picture().save(file, "PNG")) {
    showError(tr("%1 could not be written").arg(file));
  }
}

void MainWindow::exportCsv() {
  const QString file =
      QFileDialog::getSaveFileName(this, tr("Export the curves"), QString(), tr("CSV (*.csv)"));
  if (file.isEmpty()) return;
  QSaveFile out(file);
  if (!out.open(QIODevice::WriteOnly) || out.write(charts_->csv().toUtf8()) < 0 || !out.commit()) {
    showError(tr("%1 could not be written: %2").arg(file, out.errorString()));
  }
}

}  // namespace gradus::ui
