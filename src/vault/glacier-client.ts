// The SDK's client as this program wants it: it never hashes a body or retries, and tells when each answer was asked for.

import {
  type $Command,
  GlacierClient,
  type GlacierClientResolvedConfig,
  type ServiceInputTypes,
  type ServiceOutputTypes,
} from '@aws-sdk/client-glacier';
import { type Clock, Instant } from '../model/clock.js';
import { throwIfInterrupted } from '../model/failure.js';
import { translated } from './errors.js';
import { type GlacierSettings, glacierConfig } from './glacier-config.js';
import { type GlacierPlace, placeOf } from './glacier-place.js';
import type { HashedBody } from './port.js';
import { proxyFor } from './proxy.js';
import type { Asked } from './server-errors.js';

/** In every request: the account of the credentials. */
export const accountId = '-';

/** What a server answered. */
export interface Answer<Output> {
  readonly output: Output;
  /** When the request was signed. */
  readonly at: Instant;
  /** `x-mtglacier-retrieval-delays` of a local vault: how many milliseconds its retrievals take, by tier. */
  readonly retrievalDelays: string | null;
}

type Command<Input extends ServiceInputTypes, Output extends ServiceOutputTypes> = $Command<
  Input,
  Output,
  GlacierClientResolvedConfig,
  ServiceInputTypes,
  ServiceOutputTypes
>;

type Handler<Input extends ServiceInputTypes, Output extends ServiceOutputTypes> = ReturnType<
  Command<Input, Output>['resolveMiddleware']
>;

/** These have had their say in the place; the SDK refuses them beside an endpoint. */
const DECIDED = { useFipsEndpoint: false, useDualstackEndpoint: false };

/** A client, and the facts about requests that the SDK keeps to itself. */
export class GlacierConnection implements AsyncDisposable {
  readonly region: string;
  readonly endpoint: string;
  readonly clock: Clock;
  readonly #client: GlacierClient;
  readonly #hashes: WeakMap<Uint8Array, HashedBody>;
  /** Ready to be used by any number of commands of a class at once, as the SDK's `cacheMiddleware` does. */
  readonly #handlers = new WeakMap<AbortSignal, Map<unknown, unknown>>();
  readonly #answers = new WeakMap<object, Omit<Answer<never>, 'output'>>();

  private constructor(
    client: GlacierClient,
    hashes: WeakMap<Uint8Array, HashedBody>,
    place: GlacierPlace,
    clock: Clock,
  ) {
    this.#client = client;
    this.#hashes = hashes;
    this.region = place.region;
    this.endpoint = place.endpoint;
    this.clock = clock;
    this.#listen();
  }

  /**
   * Sends nothing yet. The clock tells what is readable; requests are signed with the machine's time. The environment
   * may name a proxy.
   * @throws Failure CONFIG
   */
  static async open(
    settings: GlacierSettings,
    clock: Clock,
    environment: Readonly<Record<string, string | undefined>> = process.env,
  ): Promise<GlacierConnection> {
    process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';
    const hashes = new WeakMap<Uint8Array, HashedBody>();
    const place = await placeOf(settings);
    const proxy = proxyFor(new URL(place.endpoint), environment);
    const client = new GlacierClient({ ...glacierConfig(settings, hashes, proxy), ...place, ...DECIDED });
    return new GlacierConnection(client, hashes, place, clock);
  }

  /** @throws Failure */
  async send<Input extends ServiceInputTypes, Output extends ServiceOutputTypes>(
    command: Command<Input, Output>,
    asked: Asked,
    signal: AbortSignal,
  ): Promise<Answer<Output>> {
    throwIfInterrupted(signal);
    try {
      const { output } = await this.#handlerOf(command, signal)(command);
      const answer = this.#answers.get(output);
      return { output, at: answer?.at ?? this.clock.now(), retrievalDelays: answer?.retrievalDelays ?? null };
    } catch (thrown) {
      throw translated(thrown, asked, signal);
    }
  }

  /** What the client's own `send` makes anew for each request: that is a third of its CPU, and most of its memory. */
  #handlerOf<Input extends ServiceInputTypes, Output extends ServiceOutputTypes>(
    command: Command<Input, Output>,
    signal: AbortSignal,
  ): Handler<Input, Output> {
    const ready = this.#handlers.get(signal) ?? new Map<unknown, unknown>();
    this.#handlers.set(signal, ready);
    const handler = ready.get(command.constructor);
    if (handler !== undefined) return handler as Handler<Input, Output>;
    const { middlewareStack, config } = this.#client;
    const made = command.resolveMiddleware(middlewareStack, config, { abortSignal: signal });
    ready.set(command.constructor, made);
    return made;
  }

  /** The bytes as a request body whose hashes the client knows. Each request needs its own. */
  bodyOf(body: HashedBody): Uint8Array {
    const { buffer, byteOffset, byteLength } = body.bytes;
    const view = Buffer.from(buffer, byteOffset, byteLength);
    this.#hashes.set(view, body);
    return view;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client.destroy();
  }

  #listen(): void {
    this.#client.middlewareStack.add(
      (next) => async (args) => {
        const result = await next(args);
        const { headers } = result.response as { headers?: Record<string, string> };
        this.#answers.set(result.output as object, {
          at: signedAt(args.request) ?? this.clock.now(),
          retrievalDelays: headers?.['x-mtglacier-retrieval-delays'] ?? null,
        });
        return result;
      },
      { step: 'deserialize', priority: 'high', name: 'mtglacierAnswers' },
    );
  }
}

/** The time in the signature: `20261120T082648Z`. */
function signedAt(request: unknown): Instant | null {
  const { headers } = request as { headers?: Record<string, string> };
  const found = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(headers?.['x-amz-date'] ?? '');
  if (found === null) return null;
  const [, year, month, day, hour, minute, second] = found;
  return Instant.ofMs(Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`));
}
