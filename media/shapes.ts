/**
 * The protocol's parameters as mediasoup's types, and back. They are the same shapes; mediasoup's declarations only do not
 * allow an optional field to be spelled `undefined`, which the schemas never produce.
 */
import type { types } from 'mediasoup';
import type { DtlsParameters, IceParameters, RtpCapabilities, RtpParameters, TransportOptions } from '../protocol/index.ts';

export const toWorker = {
  rtpParameters: (parameters: RtpParameters) => parameters as types.RtpParameters,
  rtpCapabilities: (capabilities: RtpCapabilities) => capabilities as types.RtpCapabilities,
  dtlsParameters: (parameters: DtlsParameters) => parameters as types.DtlsParameters,
};

export const fromWorker = {
  rtpParameters: (parameters: types.RtpParameters) => parameters as RtpParameters,
  iceParameters: (parameters: types.IceParameters) => parameters as IceParameters,
  transport: (transport: types.WebRtcTransport) =>
    ({
      transportId: transport.id,
      iceParameters: transport.iceParameters,
      iceCandidates: transport.iceCandidates,
      dtlsParameters: transport.dtlsParameters,
    }) as TransportOptions,
};
