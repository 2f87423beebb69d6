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

void MainWindow::leave(const QString& why, bool everything, std::function<void()> then) {
  const bool drawing = everything && document_.isModified();
  const bool weights = bridge_.hasUnsavedWeights();
  const bool busy = bridge_.busy() && everything;
  if (!drawing && !weights && !busy) {
    then();
    return;
  }
  QStringList text{why};
  if (busy) text << tr("Training is under way and will be stopped.");
  if (drawing) text << tr("The network has changes that are not saved.");
  if (weights) text << tr("What it has learnt, its weights, is not saved.");
  const QString question = text.join('\n');
  int choice = QMessageBox::Cancel;
  if (answer) {
    choice = answer(question);
  } else {
    QMessageBox::StandardButtons buttons = QMessageBox::Cancel | QMessageBox::Discard;
    if (drawing || weights) buttons |= QMessageBox::Save;
    QMessageBox box(QMessageBox::Question, tr("Gradus"), question, buttons, this);
    box.button(QMessageBox::Discard)
        ->setText(drawing || weights ? tr("&Do not save") : tr("&Stop and go on"));
    if (QAbstractButton* save = box.button(QMessageBox::Save)) {
      save->setText(weights && !drawing ? tr("&Save weights…") : tr("&Save…"));
    }
    box.setDefaultButton(QMessageBox::Cancel);
    choice = box.exec();
  }
  if (choice == QMessageBox::Discard) {
    then();
  } else if (choice == QMessageBox::Save) {
    if (drawing) save();
    if (drawing && document_.isModified()) return;  // called off, or not written
    weights ? saveWeights(std::move(then)) : then();
  }
}

void MainWindow::open() {
  const QString file = QFileDialog::getOpenFileName(this, tr("Open a network"), QString(),
                                                    tr("Gradus networks (*.gradus)"));
  if (!file.isEmpty()) openFile(file);
}

void MainWindow::openFile(const QString& file) {
  leave(tr("Open %1?").arg(QFileInfo(file).fileName()), true, [this, file] {
    const QString reason = document_.open(file);
    reason.isEmpty() ? remember(file) : showError(reason);
    if (!QFileInfo::exists(file)) forget(file);
  });
}

void MainWindow::openExample(const NetGraph& graph) {
  leave(tr("Open the example?"), true, [this, graph] { document_.start(graph); });
}

void MainWindow::save() {
  if (document_.file().isEmpty()) {
    saveAs();
    return;
  }
  const QString reason = document_.save(document_.file());
  if (!reason.isEmpty()) showError(reason);
}

// Where to write, with the ending that `kind` ("Text (*.txt)") names; empty if called off.
QString MainWindow::chooseFile(const QString& title, const QString& kind) {
  if (fileToSave) return fileToSave(kind);
  const QString ending = kind.mid(kind.indexOf(QStringLiteral("*.")) + 2).chopped(1);
  QFileDialog dialog(this, title, QString(), kind);
  dialog.setAcceptMode(QFileDialog::AcceptSave);
  const QFileInfo here(document_.file());
  if (here.exists()) dialog.setDirectory(here.absoluteDir());
  dialog.selectFile((document_.file().isEmpty() ? document_.title() : here.completeBaseName()) +
                    '.' + ending);
  dialog.setDefaultSuffix(ending);  // so that the question about an existing file means this one
  return dialog.exec() == QDialog::Accepted ? dialog.selectedFiles().value(0) : QString();
}

void MainWindow::saveAs() {
  const QString file = chooseFile(tr("Save the network"), tr("Gradus networks (*.gradus)"));
  if (file.isEmpty()) return;
  const QString reason = document_.save(file);
  reason.isEmpty() ? remember(file) : showError(reason);
}

void MainWindow::remember(const QString& name) {
  const QString file = QFileInfo(name).absoluteFilePath();
  QSettings settings;
  QStringList files = settings.value(QStringLiteral("recent")).toStringList();
  files.removeAll(file);
  files.prepend(file);
  settings.setValue(QStringLiteral("recent"), files.mid(0, kMostRecent));
}

void MainWindow::forget(const QString& file) {
  QSettings settings;
  QStringList files = settings.value(QStringLiteral("recent")).toStringList();
  if (files.removeAll(file) > 0) settings.setValue(QStringLiteral("recent"), files);
}

void MainWindow::fillRecent(QMenu* menu) {
  menu->clear();
  for (const QString& file : QSettings().value(QStringLiteral("recent")).toStringList()) {
    const QString shown = QDir::toNativeSeparators(file).replace('&', QStringLiteral("&&"));
    connect(menu->addAction(shown), &QAction::triggered, this, [this, file] { openFile(file); });
  }
  if (menu->isEmpty()) menu->addAction(tr("No files yet"))->setEnabled(false);
}

void MainWindow::saveWeights(std::function<void()> then) {
  const QString file = chooseFile(tr("Save the weights"), tr("safetensors (*.safetensors)"));
  if (file.isEmpty()) return;
  if (then) bridge_.stop();
  whenSaved_ = std::move(then);
  bridge_.saveWeights(file);
}

void MainWindow::exportPicture() {
  const QString file = chooseFile(tr("Export the curves"), tr("PNG (*.png)"));
  if (file.isEmpty()) return;
  QSaveFile out(file);
  if (!out.open(QIODevice::WriteOnly) || !charts_->picture().save(&out, "PNG") || !out.commit()) {
    showError(tr("%1 could not be written: %2").arg(file, out.errorString()));
  }
}

void MainWindow::exportCsv() {
  const QString file = chooseFile(tr("Export the curves"), tr("CSV (*.csv)"));
  if (file.isEmpty()) return;
  QSaveFile out(file);
  if (!out.open(QIODevice::WriteOnly) || out.write(charts_->csv().toUtf8()) < 0 || !out.commit()) {
    showError(tr("%1 could not be written: %2").arg(file, out.errorString()));
  }
}

}  // namespace gradus::ui
