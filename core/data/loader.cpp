#include "core/data/loader.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/random/generator.h"

namespace gradus {

DataLoader::DataLoader(DatasetPtr dataset, Options options)
    : dataset_(std::move(dataset)),
      options_(options),
      sample_shape_(dataset_->sample_shape()),
      lent_(std::make_unique<Batch>()) {
  if (options_.batch_size < 1) {
    fail("data loader", "the batch size must be at least 1, got {}", options_.batch_size);
  }
  if (dataset_->size() < 1) fail("data loader", "the data set {} is empty", dataset_->name());
  for (int i = 0; i < options_.workers; ++i) workers_.emplace_back([this] { work(); });
}

DataLoader::~DataLoader() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wanted_.notify_all();
}

int64_t DataLoader::batch_count() const {
  return (dataset_->size() + options_.batch_size - 1) / options_.batch_size;
}

int64_t DataLoader::size_of(int64_t index) const {
  return std::min(options_.batch_size, dataset_->size() - index * options_.batch_size);
}

void DataLoader::fill(const Order& order, int64_t index, Batch& batch) const {
  batch.size = size_of(index);
  const int64_t width = numel(sample_shape_);
  batch.samples.resize(static_cast<size_t>(batch.size * width));
  batch.labels.resize(static_cast<size_t>(batch.size));
  for (int64_t i = 0; i < batch.size; ++i) {
    const int64_t position = index * options_.batch_size + i;
    const int64_t sample = order ? (*order)[static_cast<size_t>(position)] : position;
    dataset_->read(sample, batch.samples.data() + i * width,
                   batch.labels.data() + static_cast<size_t>(i));
  }
}

const Batch& DataLoader::get(std::optional<int64_t> shuffle_seed, int64_t index) {
  if (index < 0 || index >= batch_count()) {
    fail("data loader", "batch {} is out of range: there are {}", index, batch_count());
  }
  if (shuffle_seed != order_seed_ || (shuffle_seed && !order_)) {
    std::shared_ptr<std::vector<int64_t>> order;
    if (shuffle_seed) {
      order = std::make_shared<std::vector<int64_t>>(static_cast<size_t>(dataset_->size()));
      Generator(static_cast<uint64_t>(*shuffle_seed)).randperm(order->data(), dataset_->size());
    }
    std::lock_guard lock(mutex_);
    order_ = std::move(order);
    order_seed_ = shuffle_seed;
    slots_.clear();
  }
  if (options_.workers == 0) {
    fill(order_, index, *lent_);
    return *lent_;
  }

  std::unique_lock lock(mutex_);
  spare_.push_back(lent_ ? std::move(lent_) : std::make_unique<Batch>());
  while (!slots_.empty() && slots_.front()->index < index) {
    // A batch that a worker is still filling stays with it.
    if (slots_.front()->state == Slot::State::ready)
      spare_.push_back(std::move(slots_.front()->batch));
    slots_.pop_front();
  }
  if (!slots_.empty() && slots_.front()->index > index) slots_.clear();  // somebody went back
  ask_ahead(index);
  const std::shared_ptr<Slot> slot = slots_.front();
  slots_.pop_front();
  if (slot->state == Slot::State::wanted) {  // no worker has begun: do it here
    slot->state = Slot::State::busy;
    slot->batch = std::move(spare_.back());
    spare_.pop_back();
    lock.unlock();
    fill(slot->order, slot->index, *slot->batch);
    lock.lock();
  } else {
    ready_.wait(lock, [&] { return slot->state == Slot::State::ready; });
  }
  lent_ = slot->batch ? std::move(slot->batch) : std::make_unique<Batch>();
  if (slot->error) std::rethrow_exception(slot->error);
  return *lent_;
}

// Queues batches from `next` on. Workers are woken when half of the queue is used up: waking one
// for each batch would disturb the computing threads as often.
void DataLoader::ask_ahead(int64_t next) {
  const int64_t from = slots_.empty() ? next : slots_.back()->index + 1;
  if (!slots_.empty() && static_cast<int64_t>(slots_.size()) > options_.read_ahead / 2) return;
  const int64_t end = std::min(batch_count(), next + options_.read_ahead);
  for (int64_t i = from; i < end; ++i) {
    auto slot = std::make_shared<Slot>();
    slot->order = order_;
    slot->index = i;
    slots_.push_back(std::move(slot));
  }
  wanted_.notify_all();
}

void DataLoader::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    std::shared_ptr<Slot> slot;
    wanted_.wait(lock, [&] {
      if (stopping_) return true;
      for (const auto& candidate : slots_) {
        if (candidate->state == Slot::State::wanted) {
          slot = candidate;
          return true;
        }
      }
      return false;
    });
    if (stopping_) return;
    slot->state = Slot::State::busy;
    if (spare_.empty()) spare_.push_back(std::make_unique<Batch>());
    slot->batch = std::move(spare_.back());
    spare_.pop_back();
    lock.unlock();
    try {
      fill(slot->order, slot->index, *slot->batch);
    } catch (...) {
      slot->error = std::current_exception();
    }
    lock.lock();
    slot->state = Slot::State::ready;
    ready_.notify_all();
  }
}

}  // namespace gradus
