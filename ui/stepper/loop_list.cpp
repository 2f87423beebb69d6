#include "ui/stepper/loop_list.h"

#include "ui/document/core_text.h"

namespace gradus::ui {

LoopList::LoopList(Document& document, EngineBridge& bridge, QWidget* parent)
    : QListWidget(parent), document_(document), bridge_(bridge), theme_(Theme::light()) {
  setObjectName(QStringLiteral("loopList"));
  setAccessibleName(tr("Steps of the training loop"));
  setToolTip(tr("What is done, in this order, for each batch"));
  setSelectionMode(NoSelection);
  setFrameShape(NoFrame);
  setSpacing(kGrid / 4);
  setViewportMargins(kGrid, 0, kGrid, 0);
  setWordWrap(true);
  setTextElideMode(Qt::ElideNone);
  setResizeMode(Adjust);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  connect(&document_, &Document::structureChanged, this, &LoopList::fill);
  connect(&bridge_, &EngineBridge::stateChanged, this, &LoopList::mark);
  connect(&bridge_, &EngineBridge::stepped, this, &LoopList::mark);
  connect(&bridge_, &EngineBridge::loaded, this, &LoopList::mark);
  setTheme(theme_);
  fill();
}

void LoopList::setTheme(const Theme& theme) {
  theme_ = theme;
  setFont(textFont(TextSize::normal));
  setStyleSheet(QStringLiteral("background: %1;").arg(theme.panel.name()));
  mark();
}

void LoopList::fill() {
  clear();
  const NetGraph& graph = document_.graph();
  for (const LoopItem& item : graph.training.loop.each_batch) {
    addItem(item.of ? QString::fromStdString(to_string(item, graph))
                    : coreText(to_string(item.phase)));
  }
  for (int row = 0; row < count(); ++row) item(row)->setToolTip(item(row)->text());
  for (const LoopItem& item : graph.training.loop.each_epoch) {
    addItem(tr("%1, after each epoch").arg(coreText(to_string(item.phase))));
  }
  mark();
}

void LoopList::mark() {
  const Cursor& cursor = bridge_.cursor();
  const bool known = bridge_.canBeAsked() && bridge_.state() != EngineBridge::State::running;
  const auto batch = static_cast<int>(document_.graph().training.loop.each_batch.size());
  const int next = !known || cursor.done ? -1 : cursor.item + (cursor.after_batches ? batch : 0);
  QColor ground = theme_.accent;
  ground.setAlpha(theme_.dark ? 90 : 50);
  for (int row = 0; row < count(); ++row) {
    QListWidgetItem* line = item(row);
    line->setBackground(row == next ? QBrush(ground) : QBrush());
    line->setData(Qt::AccessibleDescriptionRole, row == next ? tr("comes next") : QString());
  }
  if (next >= 0 && next < count()) scrollToItem(item(next));
}

}  // namespace gradus::ui
