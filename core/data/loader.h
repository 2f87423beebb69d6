// Batches of a dataset, read ahead by threads of its own. A batch is a pure function of (shuffle
// seed, index): whatever the workers do, and whatever is asked in whatever order, the same batch
// comes. So the loader keeps no position; the session does.
//
// Thread: get() is called by one thread.
#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "core/data/dataset.h"

namespace gradus {

struct Batch {
  int64_t size = 0;
  std::vector<float> samples;   // size × numel(sample_shape)
  std::vector<int64_t> labels;  // size
};

class DataLoader {
 public:
  struct Options {
    int64_t batch_size = 64;
    int workers = 1;          // 0 reads in get() itself
    int64_t read_ahead = 24;  // batches
  };
  // Throws Error for an empty dataset or a batch size below 1.
  DataLoader(DatasetPtr dataset, Options options);
  ~DataLoader();
  DataLoader(const DataLoader&) = delete;
  DataLoader& operator=(const DataLoader&) = delete;

  const Dataset& dataset() const { return *dataset_; }
  int64_t batch_size() const { return options_.batch_size; }
  int64_t batch_count() const;           // the last may be smaller
  int64_t size_of(int64_t index) const;  // samples in batch `index`

  // Batch `index` of the order that torch.randperm gives for a generator seeded with
  // `shuffle_seed`; of the plain order without one. The batch is lent until the next get().
  // An exception of a worker is thrown here.
  const Batch& get(std::optional<int64_t> shuffle_seed, int64_t index);

 private:
  using Order = std::shared_ptr<const std::vector<int64_t>>;
  struct Slot {
    enum class State { wanted, busy, ready } state = State::wanted;
    Order order;  // null: the plain one
    int64_t index = 0;
    std::unique_ptr<Batch> batch;
    std::exception_ptr error;
  };

  void work();
  void fill(const Order& order, int64_t index, Batch& batch) const;
  void ask_ahead(int64_t next);

  DatasetPtr dataset_;
  Options options_;
  Dims sample_shape_;
  Order order_;
  std::optional<int64_t> order_seed_;
  std::unique_ptr<Batch> lent_;

  std::mutex mutex_;
  std::condition_variable wanted_;
  std::condition_variable ready_;
  std::deque<std::shared_ptr<Slot>> slots_;  // of the current order, by index
  std::vector<std::unique_ptr<Batch>> spare_;
  bool stopping_ = false;
  std::vector<std::jthread> workers_;
};

}  // namespace gradus
