// The figures of a running call, read from the browser's own statistics.

/** Texts for {codec, roundTrip, loss, jitter}; what is not known yet is left out. */
export async function readFigures(connection) {
  const reports = [...(await connection.getStats()).values()];
  const received = reports.find(({ type, kind }) => type === "inbound-rtp" && kind === "audio");
  const pair = reports.find(({ type, nominated, state }) => type === "candidate-pair" && nominated && state === "succeeded");
  const codec = received && reports.find(({ id }) => id === received.codecId);
  const figures = {};
  if (codec) figures.codec = codec.mimeType.replace("audio/", "");
  if (pair?.currentRoundTripTime !== undefined) figures.roundTrip = `${Math.round(pair.currentRoundTripTime * 1000)} ms`;
  if (received) {
    const expected = received.packetsReceived + received.packetsLost;
    figures.loss = expected > 0 ? `${((100 * received.packetsLost) / expected).toFixed(1)} %` : "0.0 %";
    figures.jitter = `${Math.round(received.jitter * 1000)} ms`;
  }
  return figures;
}
