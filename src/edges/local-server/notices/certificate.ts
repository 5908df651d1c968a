// A self-signed X.509 certificate, written by hand: Node can read them but not make them.

import { type KeyObject, sign } from 'node:crypto';

/** What it is to say. */
export interface CertificateWish {
  readonly commonName: string;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
  /** At most 20 bytes, the first of them from 0x01 to 0x7f. */
  readonly serial: Buffer;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

const OID = {
  commonName: '550403',
  sha256WithRsa: '2a864886f70d01010b',
  basicConstraints: '551d13',
  keyUsage: '551d0f',
  subjectAltName: '551d11',
};

/**
 * PEM of a certificate, version 3, of an RSA key. Its own authority, good for signing only.
 * Source: RFC 5280, section 4 and appendix A; encoding by DER, ITU-T X.690.
 */
export function selfSignedCertificate(wish: CertificateWish): string {
  const toSign = toBeSigned(wish);
  const signature = sign('sha256', toSign, wish.privateKey);
  const base64 = sequence(toSign, ALGORITHM, bits(signature)).toString('base64');
  return `-----BEGIN CERTIFICATE-----\n${base64.replace(/.{1,64}/g, '$&\n')}-----END CERTIFICATE-----\n`;
}

const ALGORITHM = sequence(oid(OID.sha256WithRsa), der(0x05));

function toBeSigned({ commonName, publicKey, serial, notBefore, notAfter }: CertificateWish): Buffer {
  const name = sequence(der(0x31, sequence(oid(OID.commonName), der(0x0c, Buffer.from(commonName)))));
  const extensions = [
    extension(OID.basicConstraints, true, sequence(der(0x01, Buffer.from([0xff])))),
    // digitalSignature and keyCertSign: bits 0 and 5, so that two of the eight are unused.
    extension(OID.keyUsage, true, der(0x03, Buffer.from([2, 0b1000_0100]))),
    extension(OID.subjectAltName, false, sequence(der(0x82, Buffer.from(commonName)))),
  ];
  return sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, serial),
    ALGORITHM,
    name,
    sequence(time(notBefore), time(notAfter)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...extensions)),
  );
}

function extension(id: string, critical: boolean, value: Buffer): Buffer {
  const flag = critical ? [der(0x01, Buffer.from([0xff]))] : [];
  return sequence(oid(id), ...flag, der(0x04, value));
}

/** Two digits for the year until 2049, four from then on. */
function time(date: Date): Buffer {
  const text = date.toISOString().replace(/[-:T]|\.\d{3}/g, '');
  return date.getUTCFullYear() < 2050 ? der(0x17, Buffer.from(text.slice(2))) : der(0x18, Buffer.from(text));
}

function oid(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, 'hex'));
}

function bits(bytes: Buffer): Buffer {
  return der(0x03, Buffer.from([0]), bytes);
}

function sequence(...items: readonly Buffer[]): Buffer {
  return der(0x30, ...items);
}

function der(tag: number, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content);
  return Buffer.concat([Buffer.from([tag]), lengthOf(body.length), body]);
}

function lengthOf(length: number): Buffer {
  if (length < 128) return Buffer.from([length]);
  const hex = length.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  return Buffer.concat([Buffer.from([0x80 | bytes.length]), bytes]);
}
