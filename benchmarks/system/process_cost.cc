#include "benchmarks/system/process_cost.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

namespace benchmarks {

ProcessCost cost_of(int pid) {
  const std::filesystem::path process = "/proc/" + std::to_string(pid);
  ProcessCost cost;
  std::error_code error;
  for (const auto& task : std::filesystem::directory_iterator(process / "task", error)) {
    std::ifstream schedstat(task.path() / "schedstat");
    std::int64_t running = 0;
    if (schedstat >> running) cost.cpu += std::chrono::nanoseconds{running};
  }
  if (error) throw std::runtime_error("no process " + std::to_string(pid));
  std::ifstream statm(process / "statm");
  std::uint64_t total = 0;
  std::uint64_t resident = 0;
  if (statm >> total >> resident) cost.resident_bytes = resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  return cost;
}

}  // namespace benchmarks
