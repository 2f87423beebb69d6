// What is selected, in full: the layer's settings as a form, its shapes and parameters, and its
// tensors as pictures and numbers.
#pragma once

#include <QComboBox>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QWidget>
#include <vector>

#include "core/session/engine_thread.h"
#include "ui/document/document.h"
#include "ui/inspector/tensor_view.h"

namespace gradus::ui {

class Inspector final : public QWidget {
  Q_OBJECT

 public:
  explicit Inspector(Document& document, QWidget* parent = nullptr);

  void setTheme(const Theme& theme);
  void setNode(NodeId node);  // 0 for none
  NodeId node() const { return node_; }
  void choose(const ValueRef& tensor);  // of the node's
  ValueRef chosen() const;
  // Training broke down at the node; 0 for none.
  void setTrouble(NodeId node, const QString& text);
  void setValues(const event::Values& values);
  // At full speed no results of ops are kept.
  void setFullSpeed(bool on) { fullSpeed_ = on; }
  // There is no network at work: nothing is computed.
  void forgetValues();
  // What to ask the engine for, to show what is selected; empty if nothing is.
  std::vector<ValueRequest> requests() const;

 signals:
  void requestsChanged();
  void refused(const QString& reason);

 private:
  struct Choice {
    QString name;
    ValueRef ref;
    Dims sizes;
  };
  void rebuild();
  void showError();
  void fillForm(const NetNode& node);
  void fillTensors();
  void addAttribute(const NetNode& node, const AttrSpec& spec);
  void showWindow(const ValueWindow& window);

  Document& document_;
  Theme theme_;
  NodeId node_ = 0;
  NodeId troubled_ = 0;
  QString trouble_;
  QLabel* title_;
  QLabel* summary_;
  QLabel* error_;
  QWidget* form_;
  QFormLayout* rows_;
  QLabel* facts_;
  QComboBox* tensors_;
  TensorView* picture_;
  QLabel* statistics_;
  QPlainTextEdit* numbers_;
  QWidget* tensorPart_;
  QLabel* hint_;
  std::vector<Choice> choices_;
  bool rebuilding_ = false;
  bool fullSpeed_ = false;
};

}  // namespace gradus::ui
