// Waiting for what the engine tells.
#pragma once

#include <gtest/gtest.h>

#include "core/session/engine_thread.h"

namespace gradus {

// The next event of a kind, and what came before it.
template <typename E>
inline E wait_for(EngineThread& engine, std::vector<Event>* others = nullptr) {
  for (int i = 0; i < 100'000; ++i) {
    if (std::optional<Event> event = engine.events().take()) {
      if (auto* wanted = std::get_if<E>(&*event)) return std::move(*wanted);
      if (auto* failed = std::get_if<event::Failed>(&*event)) {
        ADD_FAILURE() << failed->message;
        return {};
      }
      if (others) others->push_back(std::move(*event));
    }
  }
  ADD_FAILURE() << "no such event";
  return {};
}

}  // namespace gradus
