// Runs ops on a device: which shader, with which buffers and numbers. The one function for each op
// that is not elementwise is in kernels_*.cpp; a missing one is a link error that names it.
#pragma once

#include <algorithm>
#include <array>
#include <vector>

#include "compute/vulkan/memory_pool.h"
#include "compute/vulkan/pipelines.h"
#include "compute/vulkan/stream.h"
#include "core/op/call.h"

namespace gradus::vulkan {

// `bytes` of a block from `offset` on.
inline Use part(const Block& block, size_t offset, size_t bytes, bool writes) {
  return {static_cast<Chunk*>(block.handle)->buffer, block.offset + offset, bytes, writes};
}

class Executor {
 public:
  static constexpr size_t kReportBytes = Stream::kNotice;
  // `report` is where kernels write. Matrix products are made in tiles that a workgroup shares, as
  // GPUs like it, or by each lane alone.
  Executor(Stream& stream, Pipelines& pipelines, Block report, bool tiled_products);

  void run(const KernelCall& call);
  // What kernels have found wrong with the data, once the device has been waited for. Record
  // it before waiting, read it after.
  void record_report();
  void throw_report();
  Block report() const { return report_; }

  // --- for kernels ---
  // Of `params` the bytes are handed on as they are.
  template <typename Params>
  void dispatch_groups(const ShaderName& shader, std::initializer_list<Use> uses,
                       const Params& params, uint64_t groups) {
    static_assert(sizeof(Params) <= 128);
    const Pipeline& pipeline = pipelines_.get(shader, uses.size());
    stream_.dispatch(pipeline.handle, pipeline.layout, {uses.begin(), uses.size()},
                     std::as_bytes(std::span(&params, 1)),
                     static_cast<uint32_t>(std::clamp<uint64_t>(groups, 1, kMostGroups)));
  }
  template <typename Params>
  void dispatch(const ShaderName& shader, std::initializer_list<Use> uses, const Params& params,
                uint64_t lanes) {
    dispatch_groups(shader, uses, params, (lanes + kLanes - 1) / kLanes);
  }
  Use use(const Tensor& tensor, bool writes) const;
  Use report_use() const { return part(report_, 0, kReportBytes, true); }
  // The tensor on this device, with its elements row by row and without gaps where `dense`.
  Tensor here(const Tensor& tensor, Device device, bool dense);
  // A copy with the dimensions in `last` behind the others.
  Tensor moved_last(const Tensor& tensor, const Dims& last);
  void copy_elements(const Tensor& from, const Tensor& to);
  void fill_elements(const Tensor& tensor, const AttrValue& value);
  bool tiled_products() const { return tiled_products_; }
  // How often a lane's loops may go round in all. Mesa's software driver leaves them after 65,535
  // times, without a word.
  uint32_t most_turns() const { return tiled_products_ ? UINT32_MAX : 60'000; }
  void check_turns(const char* op, uint64_t turns) const;
  // The number by which a kernel reports what it finds wrong, and the words for it.
  enum class Finding : uint8_t { label, index };
  uint32_t new_check(const char* op, Finding finding);

 private:
  static constexpr uint32_t kLanes = 64;
  static constexpr uint64_t kMostGroups = 4096;  // they go round for more
  void clear_report();

  Stream& stream_;
  Pipelines& pipelines_;
  Block report_;
  bool tiled_products_;
  const std::byte* report_read_ = nullptr;
  struct Check {
    const char* op = "";
    int64_t origin = 0;
    Finding finding = Finding::label;
  };
  std::vector<Check> checks_;  // calls that may report, since the last wait; the first is 1
};

}  // namespace gradus::vulkan
