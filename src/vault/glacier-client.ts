// The SDK's client as this program wants it: it never retries, and tells when each answer was asked for.

import {
  type $Command,
  GlacierClient,
  type GlacierClientResolvedConfig,
  type ServiceInputTypes,
  type ServiceOutputTypes,
} from '@aws-sdk/client-glacier';
import { type Clock, Instant, systemClock } from '../model/clock.js';
import { throwIfInterrupted } from '../model/failure.js';
import { type Pace, UNPACED } from '../model/pace.js';
import type { ExpiringKeys } from './direct/key-ring.js';
import { translated } from './errors.js';
import type { GlacierPlace } from './given-place.js';
import { type GlacierSettings, glacierConfig } from './glacier-config.js';
import type { RequestRate } from './request-rate.js';
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
  readonly clock: Clock;
  /** How fast inventories may come. */
  readonly down: Pace;
  readonly #client: GlacierClient;
  readonly #rate: RequestRate;
  /** Ready to be used by any number of commands of a class at once, as the SDK's `cacheMiddleware` does. */
  readonly #handlers = new WeakMap<AbortSignal, Map<unknown, unknown>>();
  readonly #answers = new WeakMap<object, Omit<Answer<never>, 'output'>>();

  /** Sends nothing yet. @param proxy null to connect directly */
  constructor(
    settings: GlacierSettings,
    place: GlacierPlace,
    proxy: URL | null,
    options: { readonly clock: Clock; readonly rate: RequestRate; readonly paces?: { readonly down: Pace } },
  ) {
    this.#client = new GlacierClient({ ...glacierConfig(settings, proxy), ...place, ...DECIDED });
    this.#rate = options.rate;
    this.clock = options.clock;
    this.down = options.paces?.down ?? UNPACED;
    this.#listen();
  }

  /** Wherever they come from; those that expire are new ones when the last ones are about to. @throws as the SDK */
  async keys(): Promise<ExpiringKeys> {
    return this.#client.config.credentials();
  }

  /** @throws Failure */
  async send<Input extends ServiceInputTypes, Output extends ServiceOutputTypes>(
    command: Command<Input, Output>,
    asked: Asked,
    signal: AbortSignal,
  ): Promise<Answer<Output>> {
    throwIfInterrupted(signal);
    await this.#rate.take(signal);
    try {
      const { output } = await this.#handlerOf(command, signal)(command);
      this.#rate.served();
      const answer = this.#answers.get(output);
      return { output, at: answer?.at ?? this.clock.now(), retrievalDelays: answer?.retrievalDelays ?? null };
    } catch (thrown) {
      const failure = translated(thrown, asked, signal);
      this.#rate.failed(failure);
      throw failure;
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

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client.destroy();
  }

  #listen(): void {
    this.#client.middlewareStack.add(
      (next) => async (args) => {
        const result = await next(args);
        const { headers } = result.response as { headers?: Record<string, string> };
        this.#answers.set(result.output as object, {
          at: this.#asSigned(args.request),
          retrievalDelays: headers?.['x-mtglacier-retrieval-delays'] ?? null,
        });
        return result;
      },
      { step: 'deserialize', priority: 'high', name: 'mtglacierAnswers' },
    );
  }

  /** By our clock. The signature is by the machine's, as the SDK corrects it where that differs from the server's. */
  #asSigned(request: unknown): Instant {
    const now = this.clock.now();
    const signed = signedAt(request);
    return signed === null ? now : Instant.plusSeconds(now, signed - systemClock.now());
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
