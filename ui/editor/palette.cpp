#include "ui/editor/palette.h"

#include <QMimeData>
#include <QPainter>
#include <QVBoxLayout>

#include "ui/document/core_text.h"
#include "ui/editor/network_scene.h"

namespace gradus::ui {
namespace {

constexpr int kTypeRole = Qt::UserRole;
constexpr int kWordsRole = Qt::UserRole + 1;

// A tree whose leaves are dragged as types of nodes.
class TypeTree final : public QTreeWidget {
 public:
  using QTreeWidget::QTreeWidget;

 protected:
  QStringList mimeTypes() const override { return {QString::fromUtf8(NetworkScene::kMimeType)}; }
  QMimeData* mimeData(const QList<QTreeWidgetItem*>& items) const override {
    auto* dragged = new QMimeData;
    if (!items.isEmpty()) {
      dragged->setData(QString::fromUtf8(NetworkScene::kMimeType),
                       items.first()->data(0, kTypeRole).toString().toUtf8());
    }
    return dragged;
  }
};

QString kindName(nn::LayerKind kind) {
  switch (kind) {
    case nn::LayerKind::data:
      return Palette::tr("Data");
    case nn::LayerKind::layer:
      return Palette::tr("Layers");
    case nn::LayerKind::loss:
      return Palette::tr("Losses");
  }
  return {};
}

QIcon dot(const QColor& colour) {
  QPixmap picture(16, 16);
  picture.fill(Qt::transparent);
  QPainter painter(&picture);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(Qt::NoPen);
  painter.setBrush(colour);
  painter.drawRoundedRect(2, 2, 12, 12, 3, 3);
  return {picture};
}

}  // namespace

Palette::Palette(QWidget* parent)
    : QWidget(parent), search_(new QLineEdit(this)), tree_(new TypeTree(this)) {
  search_->setPlaceholderText(tr("Search layers"));
  search_->setAccessibleName(tr("Search layers and ops"));
  search_->setClearButtonEnabled(true);
  tree_->setObjectName(QStringLiteral("palette"));
  tree_->setAccessibleName(tr("Layers and ops"));
  tree_->setHeaderHidden(true);
  tree_->setDragEnabled(true);
  tree_->setFrameShape(QFrame::NoFrame);
  tree_->setIndentation(kGrid);
  tree_->setRootIsDecorated(false);
  setFocusProxy(search_);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(kGrid, kGrid, kGrid, kGrid);
  column->setSpacing(kGrid);
  column->addWidget(search_);
  column->addWidget(tree_, 1);
  connect(search_, &QLineEdit::textChanged, this, &Palette::filter);
  connect(tree_, &QTreeWidget::itemActivated, this, [this](QTreeWidgetItem* item) {
    const QString type = item->data(0, kTypeRole).toString();
    if (!type.isEmpty()) emit chosen(type);
  });
  setTheme(Theme::light());
}

void Palette::setTheme(const Theme& theme) {
  tree_->clear();
  std::map<QString, QTreeWidgetItem*> groups;
  const auto add = [&](const QString& group, const char* name, const char* summary,
                       const QColor& colour) {
    QTreeWidgetItem*& parent = groups[group];
    if (!parent) {
      parent = new QTreeWidgetItem(tree_, {group});
      parent->setFont(0, textFont(TextSize::small, true));
      parent->setForeground(0, theme.muted);
      parent->setFlags(Qt::ItemIsEnabled);
    }
    auto* item = new QTreeWidgetItem(parent, {QString::fromUtf8(name)});
    item->setData(0, kTypeRole, QString::fromUtf8(name));
    item->setData(0, kWordsRole, QString::fromUtf8(name) + ' ' + coreText(summary));
    item->setToolTip(0, coreText(summary));
    item->setIcon(0, dot(colour));
    item->setFlags(Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsDragEnabled);
  };
  for (const nn::LayerDef* layer : nn::all_layers()) {
    add(kindName(layer->kind), layer->name, layer->summary, theme.kind(layer->kind));
  }
  for (const OpDef* op : all_ops()) {
    // What overwrites cannot be a node; what belongs to backward is for backward rules, and what
    // PyTorch keeps to itself is for ours.
    if (op->writes || !op->backward || QByteArray(op->name()).endsWith("_backward")) continue;
    if (QByteArray(op->torch).startsWith("torch.ops.")) continue;
    add(tr("Ops"), op->name(), op->summary, theme.category(op->category));
  }
  tree_->expandAll();
  filter(search_->text());
}

void Palette::beginSearch() {
  for (QWidget* part = this; part; part = part->parentWidget()) part->show();
  search_->setFocus();
  search_->selectAll();
}

void Palette::filter(const QString& words) {
  for (int g = 0; g < tree_->topLevelItemCount(); ++g) {
    QTreeWidgetItem* group = tree_->topLevelItem(g);
    bool any = false;
    for (int i = 0; i < group->childCount(); ++i) {
      const bool fits =
          group->child(i)->data(0, kWordsRole).toString().contains(words, Qt::CaseInsensitive);
      group->child(i)->setHidden(!fits);
      any = any || fits;
    }
    group->setHidden(!any);
  }
}

}  // namespace gradus::ui
