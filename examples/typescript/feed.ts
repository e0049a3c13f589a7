// A feed's backend: what a surface needs, a slate by ids, and what people did with it. With a service on 127.0.0.1:50051
// (`make serve`): npm ci && npm run generate && npm run build && npm start. Prints one JSON document.

import { randomUUID } from "node:crypto";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { type CallOptions, Code, ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { EventKind, type EventSchema, EventStatus, FeedbackService } from "./gen/rankd/v1/feedback_service_pb.js";
import {
  type ColumnSchema,
  type GetSurfaceResponse,
  RankingService,
  type RankRequestSchema,
} from "./gen/rankd/v1/ranking_service_pb.js";

const RANK_MS = 500; // what a person waits at most for an order, repetitions included
const FEEDBACK_MS = 5_000;

/** A post that could be shown, with the numbers that this backend knows of it. */
interface Post {
  id: string;
  author: string;
  createdMs: number;
  numbers: Record<string, number>;
}

/** An ordered feed; without a token it did not come from rankd, and there is nothing to feed back. */
interface Feed {
  ids: string[];
  decisionId: string;
  token: Uint8Array;
  degraded: string[];
}

// With TLS: https://, and { ca, cert, key } as the third argument.
const sessions = new Http2SessionManager(`http://${process.env["RANKD_ADDRESS"] ?? "127.0.0.1:50051"}`);
const transport = createGrpcTransport({ baseUrl: sessions.authority, sessionManager: sessions });
const ranking = createClient(RankingService, transport);
const feedback = createClient(FeedbackService, transport);

/** Whether the same message may succeed a moment later. */
function isPassing(error: ConnectError): boolean {
  // Without RetryInfo it is gRPC's own refusal of a message that is too large, and it stays too large.
  const hasDelay = error.details.some((detail) => "type" in detail && detail.type === "google.rpc.RetryInfo");
  return [Code.Unavailable, Code.Aborted].includes(error.code) || (error.code === Code.ResourceExhausted && hasDelay);
}

/** Repeat a call that the service could not take on, with pauses that double, drawn at random, within one deadline. */
async function patiently<T>(deadlineMs: number, call: (options: CallOptions) => Promise<T>): Promise<T> {
  const end = performance.now() + deadlineMs;
  for (let pauseMs = 50; ; pauseMs *= 2) {
    try {
      return await call({ timeoutMs: Math.max(1, Math.round(end - performance.now())) });
    } catch (caught) {
      const error = ConnectError.from(caught);
      const waitMs = pauseMs * (1 + Math.random());
      if (!isPassing(error) || performance.now() + waitMs >= end) throw error;
      await new Promise((resume) => setTimeout(resume, waitMs));
    }
  }
}

/** IEEE 754 binary32, little-endian, one number a candidate. */
function column(name: string, numbers: number[]): MessageInitShape<typeof ColumnSchema> {
  const view = new DataView(new ArrayBuffer(4 * numbers.length));
  numbers.forEach((number, at) => view.setFloat32(4 * at, number, true));
  return { name, data: { case: "leFloat32", value: new Uint8Array(view.buffer) } };
}

/** The columns to send: rankd keeps the others itself, or has a default for them. */
function columns(surface: GetSurfaceResponse, posts: Post[], viewer: Record<string, number>) {
  return surface.columns.flatMap(({ name, kept, nullable, defaultValue }) => {
    const numbers = posts.map((post) => post.numbers[name] ?? viewer[name] ?? Number.NaN);
    if (numbers.every((number) => !Number.isNaN(number))) return [column(name, numbers)];
    if (kept || defaultValue !== undefined) return [];
    if (!nullable) throw new Error(`this backend cannot fill the column ${name}`);
    return [column(name, numbers)];
  });
}

/** Ask for an order; where none comes in time, the newest first, which needs nobody's permission. */
async function order(request: MessageInitShape<typeof RankRequestSchema>, posts: Post[]): Promise<Feed> {
  try {
    // One request_id for all attempts: one request is never decided twice.
    const answer = await patiently(RANK_MS, (options) => ranking.rank(request, options));
    return {
      ids: answer.slate.map((place) => place.id),
      decisionId: answer.decisionId,
      token: answer.feedbackToken,
      degraded: answer.degraded.map((entry) => entry.reason),
    };
  } catch (caught) {
    console.error(`newest first: ${ConnectError.from(caught).message}`);
    const newest = posts.toSorted((one, other) => other.createdMs - one.createdMs);
    const ids = newest.slice(0, request.limit).map((post) => post.id);
    return { ids, decisionId: "", token: new Uint8Array(), degraded: ["NO_ANSWER"] };
  }
}

/** Send what somebody did. An event counts once, by its id: keep what this throws for, and send it again. */
async function tell(viewerId: string, token: Uint8Array, events: MessageInitShape<typeof EventSchema>[]) {
  const message = { requestId: randomUUID(), feedback: [{ viewerId, feedbackToken: token, events }] };
  const { outcomes } = await patiently(FEEDBACK_MS, (options) => feedback.recordEvents(message, options));
  return outcomes.map(({ status, reason }) => [EventStatus[status], reason].filter(Boolean).join(" "));
}

async function main(surfaceName: string, viewerId: string): Promise<void> {
  const now = Date.now();
  const posts: Post[] = [1, 2, 3, 4].map((at) => ({
    id: `post-${at}`,
    author: at % 2 === 0 ? "ann" : "bob",
    createdMs: now - at * 3_600_000,
    numbers: { duration_s: 30 * at, duration_band: Math.min(11, 3 + at), upload_type: 1 },
  }));
  let sent: MessageInitShape<typeof ColumnSchema>[] = [];
  try {
    // Once, at start.
    const surface = await patiently(RANK_MS, (options) => ranking.getSurface({ surface: surfaceName }, options));
    sent = columns(surface, posts, { scene: 1 });
  } catch (caught) {
    if (!(caught instanceof ConnectError)) throw caught;
    console.error(`no surface: ${caught.message}`);
  }
  const candidates = posts.map((post) => ({
    id: post.id,
    authorId: post.author,
    createTime: timestampFromMs(post.createdMs),
  }));
  const request = { requestId: randomUUID(), surface: surfaceName, viewerId, candidates, columns: sent, limit: 3 };
  const feed = await order(request, posts);
  const first = feed.ids[0] ?? "";
  const events = [
    { eventId: randomUUID(), kind: EventKind.SHOWN, candidateId: first, eventTime: timestampFromMs(Date.now()) },
    { eventId: randomUUID(), kind: EventKind.LIKE, candidateId: first },
    { eventId: randomUUID(), kind: EventKind.LIKE, candidateId: "post-that-nobody-saw" },
  ];
  const hasDecision = feed.token.length > 0;
  const outcomes = hasDecision ? await tell(viewerId, feed.token, events) : [];
  // As after an answer that got lost: the same events once more.
  const again = hasDecision ? await tell(viewerId, feed.token, events) : [];
  console.log(JSON.stringify({ slate: feed.ids, decision: feed.decisionId, degraded: feed.degraded, outcomes, again }));
}

await main(process.argv[2] ?? "video", process.argv[3] ?? "member-17").finally(() => sessions.abort());
