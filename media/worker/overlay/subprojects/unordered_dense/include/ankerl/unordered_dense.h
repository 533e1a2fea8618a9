// The part of ankerl::unordered_dense that the mediasoup worker uses, over the standard library's containers: `map`,
// `set` and `hash<T>` of integers, enums, pointers and strings. The standard containers keep references across a
// rehash, which the original does not, so whatever is correct with the original is correct with these. Abseil's
// flat_hash_map would not do: its erase(iterator) returns nothing, and the worker uses the iterator.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <unordered_set>

namespace ankerl::unordered_dense
{
	// The finalizer of SplitMix64. std::hash of an integer is the integer itself, and the worker combines such hashes
	// field by field, so each of them has to be mixed first.
	constexpr uint64_t mix(uint64_t value) noexcept
	{
		value += 0x9e3779b97f4a7c15ULL;
		value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9ULL;
		value = (value ^ (value >> 27U)) * 0x94d049bb133111ebULL;

		return value ^ (value >> 31U);
	}

	template<typename T>
	struct hash
	{
		static_assert(
		  std::is_integral_v<T> || std::is_enum_v<T> || std::is_pointer_v<T>, "no hash for this type of key");

		uint64_t operator()(const T& value) const noexcept
		{
			if constexpr (std::is_pointer_v<T>)
			{
				return mix(static_cast<uint64_t>(reinterpret_cast<uintptr_t>(value)));
			}
			else
			{
				return mix(static_cast<uint64_t>(value));
			}
		}
	};

	template<>
	struct hash<std::string>
	{
		uint64_t operator()(std::string_view value) const noexcept
		{
			return std::hash<std::string_view>{}(value);
		}
	};

	template<typename Key, typename Value, typename Hash = hash<Key>, typename Equal = std::equal_to<Key>>
	using map = std::unordered_map<Key, Value, Hash, Equal>;

	template<typename Key, typename Hash = hash<Key>, typename Equal = std::equal_to<Key>>
	using set = std::unordered_set<Key, Hash, Equal>;
} // namespace ankerl::unordered_dense
