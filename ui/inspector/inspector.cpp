#include "ui/inspector/inspector.h"

#include <QCheckBox>
#include <QDoubleValidator>
#include <QScrollArea>
#include <QScrollBar>
#include <QVBoxLayout>

#include "ui/document/core_text.h"
#include "ui/theme/field.h"

namespace gradus::ui {
namespace {

constexpr size_t kNumbers = 400;
constexpr int32_t kCells = 128;

// What was typed, as the attribute's type; none if it cannot be read.
std::optional<AttrValue> parse(const QString& typed, AttrType type) {
  bool good = false;
  const QString text = typed.trimmed();
  switch (type) {
    case AttrType::boolean:
      return AttrValue(text == QStringLiteral("true"));
    case AttrType::integer: {
      const qlonglong value = QLocale::c().toLongLong(text, &good);
      if (good) return AttrValue(static_cast<int64_t>(value));
      return {};
    }
    case AttrType::number: {  // 2 is whole, 2.0 is not
      const qlonglong whole = QLocale::c().toLongLong(text, &good);
      if (good) return AttrValue(static_cast<int64_t>(whole));
      [[fallthrough]];
    }
    case AttrType::real: {
      const double value = QLocale::c().toDouble(text, &good);
      if (good) return AttrValue(value);
      return {};
    }
    case AttrType::dims: {
      Dims dims;
      QString inner = text;
      inner.remove('[').remove(']').replace(QChar(0x00D7), ',');
      for (const QString& part : inner.split(',', Qt::SkipEmptyParts)) {
        const qlonglong value = QLocale::c().toLongLong(part.trimmed(), &good);
        if (!good) return {};
        dims.push_back(value);
      }
      return AttrValue(dims);
    }
    case AttrType::dtype:
    case AttrType::text:
      return AttrValue(text.toStdString());
  }
  return {};
}

QString shown(const AttrValue& value) {
  if (std::holds_alternative<std::monostate>(value)) return {};
  return QString::fromStdString(attr_to_string(value));
}

}  // namespace

Inspector::Inspector(Document& document, QWidget* parent)
    : QWidget(parent),
      document_(document),
      theme_(Theme::light()),
      title_(new QLabel(this)),
      summary_(new QLabel(this)),
      error_(new QLabel(this)),
      form_(new QWidget(this)),
      rows_(new QFormLayout(form_)),
      facts_(new QLabel(this)),
      tensors_(new QComboBox(this)),
      picture_(new TensorView(this)),
      statistics_(new QLabel(this)),
      numbers_(new QPlainTextEdit(this)),
      tensorPart_(new QWidget(this)),
      hint_(new QLabel(this)) {
  setObjectName(QStringLiteral("inspector"));
  for (QLabel* label : {summary_, error_, facts_, statistics_, hint_}) {
    label->setWordWrap(true);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
  }
  rows_->setContentsMargins(0, 0, 0, 0);
  rows_->setSpacing(kGrid);
  rows_->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
  tensors_->setAccessibleName(tr("Which tensor"));
  tensors_->setObjectName(QStringLiteral("tensorChoice"));
  numbers_->setReadOnly(true);
  numbers_->setAccessibleName(tr("Numbers of the tensor"));
  numbers_->setLineWrapMode(QPlainTextEdit::NoWrap);
  numbers_->setFixedHeight(16 * kGrid);
  hint_->setAlignment(Qt::AlignCenter);

  auto* tensorColumn = new QVBoxLayout(tensorPart_);
  tensorColumn->setContentsMargins(0, 0, 0, 0);
  tensorColumn->setSpacing(kGrid);
  tensorColumn->addWidget(tensors_);
  tensorColumn->addWidget(picture_);
  tensorColumn->addWidget(statistics_);
  tensorColumn->addWidget(numbers_);

  auto* content = new QWidget(this);
  auto* column = new QVBoxLayout(content);
  column->setContentsMargins(2 * kGrid, 2 * kGrid, 2 * kGrid, 2 * kGrid);
  column->setSpacing(kGrid);
  column->addWidget(title_);
  column->addWidget(summary_);
  column->addSpacing(kGrid);
  column->addWidget(form_);
  column->addWidget(error_);  // below, so that the fields stay where they are
  column->addWidget(facts_);
  column->addSpacing(kGrid);
  column->addWidget(tensorPart_);
  column->addWidget(hint_);
  column->addStretch(1);
  auto* scroll = new QScrollArea(this);
  scroll->setWidget(content);
  scroll->setWidgetResizable(true);
  scroll->setFrameShape(QFrame::NoFrame);
  scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  auto* outer = new QVBoxLayout(this);
  outer->setContentsMargins(0, 0, 0, 0);
  outer->addWidget(scroll);
  setMinimumWidth(30 * kGrid);
  setFocusPolicy(Qt::StrongFocus);

  // Queued: a field that is being edited must not go while it tells of its change.
  connect(
      &document_, &Document::structureChanged, this,
      [this] {
        rebuild();
        emit requestsChanged();
      },
      Qt::QueuedConnection);
  connect(tensors_, &QComboBox::currentIndexChanged, this, [this] {
    if (rebuilding_) return;
    forgetValues();
    emit requestsChanged();
  });
  setTheme(theme_);
  rebuild();
}

void Inspector::setTheme(const Theme& theme) {
  theme_ = theme;
  title_->setFont(textFont(TextSize::large, true));
  summary_->setFont(textFont(TextSize::normal));
  facts_->setFont(textFont(TextSize::normal));
  statistics_->setFont(textFont(TextSize::small));
  numbers_->setFont(numberFont(TextSize::small));
  error_->setStyleSheet(QStringLiteral("border: 2px solid %1; border-radius: 6px; padding: 8px;")
                            .arg(theme.error.name()));
  const QString muted = QStringLiteral("color: %1;").arg(theme.muted.name());
  summary_->setStyleSheet(muted);
  statistics_->setStyleSheet(muted);
  hint_->setStyleSheet(muted);
  picture_->setTheme(theme);
}

void Inspector::setNode(NodeId node) {
  if (node == node_) return;
  node_ = node;
  rebuild();
  emit requestsChanged();
}

void Inspector::rebuild() {
  const auto& nodes = document_.graph().nodes();
  const bool there = std::ranges::any_of(nodes, [&](const NetNode& n) { return n.id == node_; });
  if (!there) node_ = 0;
  for (QWidget* part : {static_cast<QWidget*>(title_), static_cast<QWidget*>(summary_), form_,
                        static_cast<QWidget*>(facts_), tensorPart_}) {
    part->setVisible(there);
  }
  const QString note = QString::fromStdString(document_.graph().note);
  hint_->setText(note.isEmpty() ? tr("Select a layer to see its settings, shapes and numbers.")
                                : note);
  hint_->setVisible(!there);
  error_->setVisible(false);
  if (!there) return;
  const NetNode& node = document_.graph().node(node_);
  const nn::LayerDef* layer = nn::find_layer(node.type);
  title_->setText(QString::fromStdString(node.type));
  summary_->setText(coreText(layer ? layer->summary : find_op(node.type)->summary));
  const NodeInference& inference = document_.inference().at(node_);
  showError();

  QStringList facts;
  if (inference.output) {
    facts << tr("Output  %1  %2")
                 .arg(inference.output->sizes.empty()
                          ? tr("one number")
                          : QString::fromStdString(to_prose(inference.output->sizes)),
                      QString::fromUtf8(to_string(inference.output->dtype)));
  }
  int64_t count = 0;
  for (const auto& [name, sizes] : inference.parameters) {
    if (name.empty()) continue;  // the node's own numbers
    facts << tr("%1  %2").arg(QString::fromStdString(name),
                              QString::fromStdString(to_prose(sizes)));
    count += numel(sizes);
  }
  if (count > 0) facts << tr("%L1 parameters in all").arg(count);
  facts_->setText(facts.join('\n'));
  fillForm(node);
  fillTensors();
}

void Inspector::setTrouble(NodeId node, const QString& text) {
  troubled_ = node;
  trouble_ = text;
  showError();
}

void Inspector::showError() {
  QString text;
  if (node_ && node_ == troubled_) text = trouble_;
  if (node_) {
    const std::string& error = document_.inference().at(node_).error;
    if (!error.empty()) text = reasonText(error);
  }
  error_->setText(QStringLiteral("⚠ ") + text);
  error_->setVisible(!text.isEmpty());
}

void Inspector::fillForm(const NetNode& node) {
  QWidget* focused = focusWidget();
  const QString held = focused && form_->isAncestorOf(focused) ? focused->objectName() : QString();
  while (rows_->rowCount() > 0) rows_->removeRow(0);

  auto* name = new Field(QString::fromStdString(node.name), form_);
  name->setObjectName(QStringLiteral("field_name"));
  name->setAccessibleName(tr("Name"));
  connect(name, &QLineEdit::editingFinished, this, [this, name] {
    if (!name->isModified() || !node_) return;
    name->setModified(false);
    const QString reason = document_.rename(node_, name->text().trimmed());
    if (reason.isEmpty()) return;
    emit refused(reason);
    name->setText(QString::fromStdString(document_.graph().node(node_).name));
  });
  rows_->addRow(tr("&name"), name);
  const nn::LayerDef* layer = nn::find_layer(node.type);
  for (const AttrSpec& spec : layer ? layer->attrs : find_op(node.type)->attrs) {
    addAttribute(node, spec);
  }
  if (held.isEmpty()) return;
  if (auto* again = form_->findChild<QWidget*>(held)) again->setFocus();
}

void Inspector::addAttribute(const NetNode& node, const AttrSpec& spec) {
  const QString name = QString::fromUtf8(spec.name);
  const auto given = node.attrs.find(spec.name);
  const AttrValue value = given != node.attrs.end() ? given->second : spec.default_value;
  const auto set = [this, name](const AttrValue& wanted) {
    const QString reason = document_.setAttribute(node_, name, wanted);
    if (!reason.isEmpty()) emit refused(reason);
    return reason.isEmpty();
  };
  if (spec.type == AttrType::boolean) {
    auto* box = new QCheckBox(form_);
    box->setChecked(std::holds_alternative<bool>(value) && std::get<bool>(value));
    box->setObjectName(QStringLiteral("field_") + name);
    box->setAccessibleName(name);
    box->setToolTip(coreText(spec.help));
    connect(box, &QCheckBox::toggled, this, [set](bool on) { set(AttrValue(on)); });
    rows_->addRow(name, box);
    return;
  }
  auto* field = new Field(shown(value), form_);
  field->setCursorPosition(0);  // of a long text the beginning is seen
  field->setObjectName(QStringLiteral("field_") + name);
  field->setAccessibleName(name);
  field->setToolTip(coreText(spec.help));
  const nn::LayerDef* layer = nn::find_layer(node.type);
  const bool inferred = layer && layer->complete && name.startsWith(QStringLiteral("in_"));
  field->setPlaceholderText(layer == &nn::layers::Tensor ? tr("from the data")
                            : inferred                   ? tr("from the wire")
                                                         : tr("needed"));
  const AttrType type = spec.type;
  connect(field, &QLineEdit::editingFinished, this, [this, field, set, type, name, value] {
    if (!field->isModified() || !node_) return;
    field->setModified(false);
    const std::optional<AttrValue> typed = parse(field->text(), type);
    if (!typed) emit refused(tr("%1: “%2” cannot be read").arg(name, field->text()));
    if (!typed || !set(*typed)) field->setText(shown(value));
  });
  rows_->addRow(name, field);
}

void Inspector::fillTensors() {
  const QString held = tensors_->currentText();
  rebuilding_ = true;
  tensors_->clear();
  choices_.clear();
  if (const auto& plan = document_.plan()) {
    const NetNode& node = document_.graph().node(node_);
    const bool updates = document_.graph().training.loop.updates();
    for (size_t i = 0; i < plan->parameters.size(); ++i) {
      const PlanParameter& parameter = plan->parameters[i];
      if (parameter.node != node_) continue;
      const auto index = static_cast<int32_t>(i);
      const std::string& whole = parameter.name;
      const QString name =
          QString::fromStdString(whole == node.name ? whole : whole.substr(whole.rfind('.') + 1));
      const auto add = [&](const QString& text, ValueRef::Kind kind) {
        choices_.push_back({text, {kind, index}, parameter.sizes});
      };
      add(name, ValueRef::Kind::parameter);
      add(name + QStringLiteral(".grad"), ValueRef::Kind::parameter_grad);
      if (parameter.requires_grad && updates) {
        add(tr("momentum of %1").arg(name), ValueRef::Kind::momentum_buffer);
      }
    }
    // Its results, the last first: what the layer gives.
    for (size_t c = plan->calls.size(); c-- > 0;) {
      const PlanCall& call = plan->calls[c];
      if (call.node != node_) continue;
      const ValueId id = call.outputs[0];
      const Dims& sizes = plan->values[static_cast<size_t>(id)].meta.sizes;
      choices_.push_back({tr("result of %1").arg(QString::fromUtf8(op_name(call.op))),
                          {ValueRef::Kind::value, id},
                          sizes});
      if (nn::find_layer(node.type)) continue;
      choices_.push_back(
          {QString::fromStdString(node.name + ".grad"), {ValueRef::Kind::value_grad, id}, sizes});
    }
    for (ValueId id : {plan->input, plan->target}) {
      if (id == kNoValue) continue;
      const PlanValue& value = plan->values[static_cast<size_t>(id)];
      if (value.name == node.name) {
        choices_.push_back({tr("this batch"), {ValueRef::Kind::value, id}, value.meta.sizes});
      }
    }
  }
  for (const Choice& choice : choices_) {
    tensors_->addItem(choice.name + QStringLiteral("   ") +
                      QString::fromStdString(to_prose(choice.sizes)));
  }
  const int again = tensors_->findText(held);
  if (again >= 0) tensors_->setCurrentIndex(again);
  rebuilding_ = false;
  tensorPart_->setVisible(!choices_.empty());
  forgetValues();
}

void Inspector::choose(const ValueRef& tensor) {
  for (size_t i = 0; i < choices_.size(); ++i) {
    if (choices_[i].ref == tensor) tensors_->setCurrentIndex(static_cast<int>(i));
  }
}

ValueRef Inspector::chosen() const {
  const auto index = static_cast<size_t>(tensors_->currentIndex());
  return index < choices_.size() ? choices_[index].ref : ValueRef{};
}

std::vector<ValueRequest> Inspector::requests() const {
  const auto index = static_cast<size_t>(tensors_->currentIndex());
  if (node_ == 0 || index >= choices_.size()) return {};
  return {{.ref = choices_[index].ref, .numbers = kNumbers, .picture = kCells}};
}

void Inspector::forgetValues() {
  const auto index = static_cast<size_t>(tensors_->currentIndex());
  if (index >= choices_.size()) {
    picture_->clear();
    return;
  }
  ValueWindow window{.ref = choices_[index].ref,
                     .name = {},
                     .sizes = choices_[index].sizes,
                     .first = {},
                     .picture = {}};
  showWindow(window);
}

void Inspector::setValues(const event::Values& values) {
  const auto index = static_cast<size_t>(tensors_->currentIndex());
  if (index >= choices_.size()) return;
  const ValueRef& wanted = choices_[index].ref;
  for (const ValueWindow& window : values.windows) {
    if (window.ref == wanted) showWindow(window);
  }
}

void Inspector::showWindow(const ValueWindow& window) {
  const bool dropped = fullSpeed_ && window.ref.kind == ValueRef::Kind::value;
  picture_->setWindow(window, dropped ? tr("not kept at full speed: step to see it")
                              : window.why_not.empty()
                                  ? tr("not computed yet")
                                  : tr("None. %1").arg(QString::fromStdString(window.why_not)));
  statistics_->setVisible(window.computed);
  numbers_->setVisible(window.computed);
  if (!window.computed) return;
  const TensorPicture& p = window.picture;
  const auto number = [&](double x) { return numberText(x, window.dtype); };
  QString text = tr("from %1 to %2, mean %3")
                     .arg(number(p.min), number(p.max), numberText(p.mean, DType::float32));
  if (p.not_finite > 0) text += tr("; ⚠ %L1 not finite").arg(p.not_finite);
  if (window.sizes.size() > 2) text += tr("; the first of the batch is shown");
  statistics_->setText(text);
  QString all;
  // A small matrix row by row; of a wide one, as many numbers in a line as there is room for.
  constexpr int kDigits = 10;
  const int room = numbers_->viewport()->width() / numbers_->fontMetrics().horizontalAdvance('0');
  const int64_t line =
      p.columns <= 8 ? std::max<int64_t>(p.columns, 1) : std::clamp(room / kDigits, 1, 8);
  for (size_t i = 0; i < window.first.size(); ++i) {
    all += number(window.first[i]).rightJustified(kDigits);
    if ((static_cast<int64_t>(i) + 1) % line == 0) all += '\n';
  }
  if (static_cast<int64_t>(window.first.size()) < numel(window.sizes)) all += QStringLiteral(" …");
  if (all == numbers_->toPlainText()) return;
  // The reader's place stays.
  const int across = numbers_->horizontalScrollBar()->value();
  const int down = numbers_->verticalScrollBar()->value();
  numbers_->setPlainText(all);
  numbers_->horizontalScrollBar()->setValue(across);
  numbers_->verticalScrollBar()->setValue(down);
}

}  // namespace gradus::ui
