// The certificates of those who sign letters: fetched only from SNS itself, checked, and kept for a while.

import { type KeyObject, X509Certificate } from 'node:crypto';

export interface CertificateTerms {
  /** Whose SNS it must be. */
  readonly region: string;
  /** `amazonaws.com` and the like; null where the server is not AWS's. */
  readonly domain: string | null;
  /** Of a server that is not AWS's: its certificates are taken too, from this address and no other. */
  readonly origin: string | null;
  /** Text of what is at an address that was found good; follows no redirection. Rejects where there is none. */
  readonly download: (address: URL, signal: AbortSignal) => Promise<string>;
  /** ms since 1970. */
  readonly now: () => number;
}

/** `unknown`: it could not be had just now, and may be later. */
export type FoundKey =
  | { readonly is: 'good'; readonly key: KeyObject }
  | { readonly is: 'bad' | 'unknown'; readonly why: string };

const KEPT_MS = 24 * 3_600_000;
/** SNS has one at a time, and another now and then. */
const KEPT = 8;
/** Downloads in a minute: strangers name as many addresses as they like. */
const A_MINUTE = 10;
const WEAKEST_BITS = 2048;

interface Kept {
  readonly until: number;
  readonly certificate: X509Certificate;
}

export class Certificates {
  readonly #terms: CertificateTerms;
  readonly #kept = new Map<string, Kept>();
  readonly #coming = new Map<string, Promise<FoundKey>>();
  #downloads: number[] = [];

  constructor(terms: CertificateTerms) {
    this.#terms = terms;
  }

  /** The key that signs, by what a letter says of it. */
  async keyAt(text: string, signal: AbortSignal): Promise<FoundKey> {
    const address = this.#goodAddress(text);
    if (address === null) return { is: 'bad', why: 'its certificate is not at an address of SNS' };
    const kept = this.#kept.get(address.href);
    if (kept !== undefined && kept.until > this.#terms.now()) return this.#judged(kept.certificate);
    const coming = this.#coming.get(address.href) ?? this.#fetch(address, signal);
    this.#coming.set(address.href, coming);
    return coming.finally(() => this.#coming.delete(address.href));
  }

  /** Source: SNS developer guide: https, the host of SNS in the region, a file that ends with `.pem`. */
  #goodAddress(text: string): URL | null {
    const { region, domain, origin } = this.#terms;
    const address = URL.canParse(text) ? new URL(text) : null;
    if (address === null || address.username !== '' || address.password !== '') return null;
    if (address.search !== '' || address.hash !== '' || !/^\/[\w./-]+\.pem$/.test(address.pathname)) return null;
    const isOfAws = domain !== null && address.origin === `https://sns.${region}.${domain}`;
    return isOfAws || (origin !== null && address.origin === origin) ? address : null;
  }

  async #fetch(address: URL, signal: AbortSignal): Promise<FoundKey> {
    const now = this.#terms.now();
    this.#downloads = this.#downloads.filter((at) => at > now - 60_000);
    if (this.#downloads.length >= A_MINUTE) return { is: 'unknown', why: 'too many certificates are asked for' };
    this.#downloads.push(now);
    let text: string;
    try {
      text = await this.#terms.download(address, signal);
    } catch (thrown) {
      return {
        is: 'unknown',
        why: `its certificate cannot be fetched: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
      };
    }
    const certificate = certificateIn(text);
    if (certificate === null) return { is: 'bad', why: 'its certificate is none' };
    const judged = this.#judged(certificate);
    if (judged.is === 'good') this.#keep(address.href, { until: now + KEPT_MS, certificate });
    return judged;
  }

  #judged(certificate: X509Certificate): FoundKey {
    const now = this.#terms.now();
    if (now < Date.parse(certificate.validFrom)) return { is: 'bad', why: 'its certificate is not valid yet' };
    if (now > Date.parse(certificate.validTo)) return { is: 'bad', why: 'its certificate has expired' };
    const key = certificate.publicKey;
    const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
    if (key.asymmetricKeyType !== 'rsa' || bits < WEAKEST_BITS) return { is: 'bad', why: 'its key is too weak' };
    return { is: 'good', key };
  }

  #keep(address: string, kept: Kept): void {
    this.#kept.delete(address);
    this.#kept.set(address, kept);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > KEPT && oldest !== undefined) this.#kept.delete(oldest);
  }
}

function certificateIn(text: string): X509Certificate | null {
  try {
    return new X509Certificate(text);
  } catch {
    return null;
  }
}
