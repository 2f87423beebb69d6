#include "ui/stepper/loop_list.h"

#include "ui/document/core_text.h"

namespace gradus::ui {

LoopList::LoopList(Document& document, EngineBridge& bridge, QWidget* parent)
    : QScrollArea(parent), document_(document), bridge_(bridge), theme_(Theme::light()) {
  setObjectName(QStringLiteral("loopList"));
  setAccessibleName(tr("Steps of the training loop"));
  setToolTip(tr("What is done, in this order, for each batch"));
  setFrameShape(NoFrame);
  setFocusPolicy(Qt::NoFocus);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  auto* content = new QWidget(this);
  column_ = new QVBoxLayout(content);
  column_->setContentsMargins(kGrid, 0, kGrid, kGrid);
  column_->setSpacing(0);
  column_->addStretch(1);
  setWidget(content);
  setWidgetResizable(true);
  connect(&document_, &Document::structureChanged, this, &LoopList::fill);
  connect(&bridge_, &EngineBridge::stateChanged, this, &LoopList::mark);
  connect(&bridge_, &EngineBridge::stepped, this, &LoopList::mark);
  connect(&bridge_, &EngineBridge::loaded, this, &LoopList::mark);
  setTheme(theme_);
  fill();
}

void LoopList::setTheme(const Theme& theme) {
  theme_ = theme;
  mark();
}

void LoopList::fill() {
  const NetGraph& graph = document_.graph();
  QStringList texts;
  for (const LoopItem& item : graph.training.loop.each_batch) {
    texts << (item.of ? QString::fromStdString(to_string(item, graph))
                      : coreText(to_string(item.phase)));
  }
  for (const LoopItem& item : graph.training.loop.each_epoch) {
    texts << tr("%1, after each epoch").arg(coreText(to_string(item.phase)));
  }
  while (static_cast<qsizetype>(lines_.size()) > texts.size()) {
    delete lines_.back();
    lines_.pop_back();
  }
  while (static_cast<qsizetype>(lines_.size()) < texts.size()) {
    auto* line = new QLabel(widget());
    line->setWordWrap(true);
    line->setTextFormat(Qt::PlainText);
    column_->insertWidget(static_cast<int>(lines_.size()), line);
    lines_.push_back(line);
  }
  for (size_t i = 0; i < lines_.size(); ++i) {
    lines_[i]->setText(texts[static_cast<qsizetype>(i)]);
  }
  mark();
}

void LoopList::mark() {
  const Cursor& cursor = bridge_.cursor();
  const bool known = bridge_.canBeAsked() && bridge_.state() != EngineBridge::State::running;
  const auto batch = static_cast<int>(document_.graph().training.loop.each_batch.size());
  next_ = !known || cursor.done ? -1 : cursor.item + (cursor.after_batches ? batch : 0);
  QColor ground = theme_.accent;
  ground.setAlpha(theme_.dark ? 90 : 50);
  for (size_t i = 0; i < lines_.size(); ++i) {
    const bool marked = static_cast<int>(i) == next_;
    const QString back = marked ? ground.name(QColor::HexArgb) : QStringLiteral("transparent");
    lines_[i]->setStyleSheet(
        QStringLiteral("padding: 4px 8px; border-radius: 6px; background: %1;").arg(back));
    lines_[i]->setAccessibleDescription(marked ? tr("comes next") : QString());
    if (marked) ensureWidgetVisible(lines_[i]);
  }
}

}  // namespace gradus::ui
