#pragma once

#include "control-protocol/flags/flags.h"
#include "relay/negotiation/codec_list.h"

/// What flags do to a list of codecs.
namespace relay::negotiation {

/// The caller's codecs without those that `strip` takes: they are as if they had never been in its SDP, so that neither
/// side gets them. `except` and `offer` spare one; so does `transcode`, from `all` but not from its name or `full`.
/// telephone-event of `audio` goes only when it is named.
CodecList without_stripped(const CodecList& theirs, const ng::CodecRules& rules, bool audio);

/// What the callee is offered: the caller's codecs (without stripped ones) after mask, except and transcode, those of
/// `offer` first and in its order; telephone-events at the clock rates of what is left. `audio`: only there do we add
/// anything. `webrtc`: the callee is a WebRTC peer; only such a one is offered repair formats (RED, RTX, FEC), and only
/// with the codec they belong to.
CodecList codecs_to_offer(const CodecList& theirs, const ng::CodecRules& rules, bool audio, bool webrtc);

}  // namespace relay::negotiation
