// The part of libsrtp 3's interface that the mediasoup worker uses, over libsrtp 2, which is what distributions ship.
// In version 3 the policy is opaque and built by calls, and the packet functions take an input buffer, an output buffer
// and its capacity; in version 2 the policy is a structure and packets are worked on in place. The functions below are
// C++ overloads of the C functions of the same names.
#pragma once

// Version 2 gives the name of version 3's opaque pointer to its structure.
#define srtp_policy_t srtp2_policy_t
#include <srtp2/srtp.h>
#undef srtp_policy_t

#include <openssl/crypto.h>
#include <climits>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>

// Two errors that version 2 does not have.
inline constexpr auto srtp_err_status_buffer_small = static_cast<srtp_err_status_t>(28);
inline constexpr auto srtp_err_status_cryptex_err  = static_cast<srtp_err_status_t>(29);

namespace parley
{
	// Version 2's policy points at its key, so the key lives beside it.
	struct SrtpPolicy
	{
		srtp2_policy_t policy{};
		srtp_profile_t profile{ srtp_profile_reserved };
		uint8_t key[SRTP_MAX_KEY_LEN]{};
	};

	using SrtpInPlace = srtp_err_status_t (*)(srtp_t, void*, int*);

	// Copies `in` to `out` unless they are the same memory, then runs a function of version 2 on `out`, which may grow
	// the packet by up to `growth` bytes.
	inline srtp_err_status_t runInPlace(
	  SrtpInPlace run, srtp_t session, const uint8_t* in, size_t inLen, uint8_t* out, size_t* outLen, size_t growth)
	{
		if (inLen > static_cast<size_t>(INT_MAX) - growth || *outLen < inLen + growth)
		{
			return srtp_err_status_buffer_small;
		}

		if (in != out)
		{
			std::memmove(out, in, inLen);
		}

		auto len                    = static_cast<int>(inLen);
		const srtp_err_status_t err = run(session, out, &len);

		if (err == srtp_err_status_ok)
		{
			*outLen = static_cast<size_t>(len);
		}

		return err;
	}
} // namespace parley

using srtp_policy_t = parley::SrtpPolicy*;

inline srtp_err_status_t srtp_policy_create(srtp_policy_t* policy)
{
	*policy = new (std::nothrow) parley::SrtpPolicy();

	return *policy ? srtp_err_status_ok : srtp_err_status_alloc_fail;
}

inline void srtp_policy_destroy(srtp_policy_t policy)
{
	if (policy)
	{
		// A plain memset before the memory is freed would be optimised away, and the key would stay behind.
		OPENSSL_cleanse(policy->key, sizeof(policy->key));
		delete policy;
	}
}

inline srtp_err_status_t srtp_policy_set_ssrc(srtp_policy_t policy, srtp_ssrc_t ssrc)
{
	policy->policy.ssrc = ssrc;

	return srtp_err_status_ok;
}

inline srtp_err_status_t srtp_policy_set_profile(srtp_policy_t policy, srtp_profile_t profile)
{
	policy->profile = profile;

	const srtp_err_status_t err = srtp_crypto_policy_set_from_profile_for_rtp(&policy->policy.rtp, profile);

	return err == srtp_err_status_ok ? srtp_crypto_policy_set_from_profile_for_rtcp(&policy->policy.rtcp, profile) : err;
}

inline srtp_err_status_t srtp_policy_add_key(
  srtp_policy_t policy,
  const uint8_t* key,
  size_t keyLen,
  const uint8_t* salt,
  size_t saltLen,
  const uint8_t* /*mki*/,
  size_t mkiLen)
{
	// The lengths have to be the profile's own: libsrtp reads as many bytes as the profile says, not as we say.
	if (
	  mkiLen != 0 || keyLen != srtp_profile_get_master_key_length(policy->profile) ||
	  saltLen != srtp_profile_get_master_salt_length(policy->profile) || keyLen + saltLen > sizeof(policy->key))
	{
		return srtp_err_status_bad_param;
	}

	std::memcpy(policy->key, key, keyLen);
	std::memcpy(policy->key + keyLen, salt, saltLen);
	policy->policy.key = policy->key;

	return srtp_err_status_ok;
}

inline srtp_err_status_t srtp_policy_set_allow_repeat_tx(srtp_policy_t policy, bool allow)
{
	policy->policy.allow_repeat_tx = allow ? 1 : 0;

	return srtp_err_status_ok;
}

inline srtp_err_status_t srtp_policy_set_window_size(srtp_policy_t policy, size_t size)
{
	policy->policy.window_size = size;

	return srtp_err_status_ok;
}

inline srtp_err_status_t srtp_create(srtp_t* session, srtp_policy_t policy)
{
	return srtp_create(session, &policy->policy);
}

inline srtp_err_status_t srtp_protect(
  srtp_t session, const uint8_t* rtp, size_t rtpLen, uint8_t* srtp, size_t* srtpLen, size_t /*mkiIndex*/)
{
	return parley::runInPlace(::srtp_protect, session, rtp, rtpLen, srtp, srtpLen, SRTP_MAX_TRAILER_LEN);
}

inline srtp_err_status_t srtp_unprotect(
  srtp_t session, const uint8_t* srtp, size_t srtpLen, uint8_t* rtp, size_t* rtpLen)
{
	return parley::runInPlace(::srtp_unprotect, session, srtp, srtpLen, rtp, rtpLen, 0);
}

// The RTCP twins add a four byte index (with its encryption flag) on top of the trailer.
inline srtp_err_status_t srtp_protect_rtcp(
  srtp_t session, const uint8_t* rtcp, size_t rtcpLen, uint8_t* srtcp, size_t* srtcpLen, size_t /*mkiIndex*/)
{
	return parley::runInPlace(
	  ::srtp_protect_rtcp, session, rtcp, rtcpLen, srtcp, srtcpLen, SRTP_MAX_TRAILER_LEN + sizeof(uint32_t));
}

inline srtp_err_status_t srtp_unprotect_rtcp(
  srtp_t session, const uint8_t* srtcp, size_t srtcpLen, uint8_t* rtcp, size_t* rtcpLen)
{
	return parley::runInPlace(::srtp_unprotect_rtcp, session, srtcp, srtcpLen, rtcp, rtcpLen, 0);
}

// The caller has put the SSRC in network order already, which is how version 2 wants it.
inline srtp_err_status_t srtp_stream_remove(srtp_t session, uint32_t ssrc)
{
	return srtp_remove_stream(session, ssrc);
}
