// A table function that asks the streams of its connection.
#pragma once

#include <memory>
#include <utility>

#include "live/connection.hpp"
#include "sqlite/table_function.hpp"

namespace topk::surface {

class stream_function : public sqlite::table_function {
 public:
  // Borrows the signature.
  stream_function(std::shared_ptr<live::connection> host, sqlite::signature const& form)
      : host_(std::move(host)), form_(form) {}

  [[nodiscard]] sqlite::signature const& form() const noexcept final { return form_; }

 protected:
  [[nodiscard]] live::connection& host() const noexcept { return *host_; }

 private:
  std::shared_ptr<live::connection> host_;
  sqlite::signature const& form_;
};

}  // namespace topk::surface
