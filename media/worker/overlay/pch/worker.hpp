// What nearly every source file of the worker includes, compiled once: parsing these headers over and over is most of
// the time that a build without this takes.
#ifndef PARLEY_WORKER_PCH
#define PARLEY_WORKER_PCH

#include <algorithm>
#include <array>
#include <bitset>
#include <chrono>
#include <cmath>
#include <cstring>
#include <deque>
#include <functional>
#include <limits>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <ostream>
#include <queue>
#include <random>
#include <ranges>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

#include <ankerl/unordered_dense.h>
#include <flatbuffers/flatbuffers.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <srtp.h>
#include <uv.h>

// Generated from the worker's schemas; the request and the notification include nearly all others.
#include "FBS/notification.h"
#include "FBS/request.h"
#include "FBS/response.h"
#include "common.hpp"

#endif
