// What a vault that forgets says: as Glacier does, believing every hash, and one content for every retrieval.

const ACCOUNT = '123456789012';
const CREATED = '2026-01-01T00:00:00.000Z';
const ID_LENGTH = 138;
const UPLOAD_ID_LENGTH = 92;

export interface Answer {
  readonly status: string;
  /** Each ends its line. */
  readonly headers?: string;
  readonly body?: Buffer;
}

/** What stands above a body. */
export class RequestHead {
  readonly target: string;
  readonly #lines: string;
  readonly #lowerLines: string;

  constructor(lines: string) {
    this.#lines = lines;
    this.#lowerLines = lines.toLowerCase();
    this.target = lines.slice(0, lines.indexOf(' HTTP/'));
  }

  /** @param name in small letters */
  header(name: string): string | null {
    const at = this.#lowerLines.indexOf(`\r\n${name}:`);
    if (at === -1) return null;
    const end = this.#lines.indexOf('\r\n', at + 2);
    return this.#lines.slice(at + name.length + 3, end === -1 ? undefined : end).trim();
  }

  get contentLength(): number {
    return Number(this.header('content-length') ?? 0);
  }
}

/** All that is remembered: which archives were made of parts, so that they can be retrieved. They are few. */
export class NullAnswers {
  /** What every retrieval gives, and every archive made of parts is said to be. */
  readonly #content: Buffer;
  readonly #large: { readonly id: string; readonly treeHash: string }[] = [];
  #lastId = 0;

  constructor(content: Buffer) {
    this.#content = content;
  }

  to(head: RequestHead): Answer {
    const [method = '', target = ''] = head.target.split(' ', 2);
    const [, , vaults, vault = '', kind, id, output] = (target.split('?', 1)[0] ?? '').split('/');
    if (vaults !== 'vaults') return refused();
    if (kind === undefined) return method === 'GET' ? json(describe(vault)) : { status: '201 Created' };
    switch (`${method} ${kind}`) {
      case 'POST archives':
        return stored(this.#newId(ID_LENGTH), treeHashIn(head), vault);
      case 'POST multipart-uploads':
        return id === undefined ? this.#begun(vault) : this.#completed(treeHashIn(head), vault);
      case 'PUT multipart-uploads':
        return { status: '204 No Content', headers: `x-amz-sha256-tree-hash: ${treeHashIn(head)}\r\n` };
      case 'DELETE archives':
      case 'DELETE multipart-uploads':
        return { status: '204 No Content' };
      case 'GET multipart-uploads':
        return json({ Marker: null, UploadsList: [] });
      case 'POST jobs':
        return { status: '202 Accepted', headers: `x-amz-job-id: ${this.#newId(UPLOAD_ID_LENGTH)}\r\n` };
      case 'GET jobs':
        return output === 'output' ? this.#output(head) : json({ Marker: null, JobList: this.#jobs() });
      default:
        return refused();
    }
  }

  #newId(length: number): string {
    this.#lastId += 1;
    return String(this.#lastId).padStart(length, 'n');
  }

  #begun(vault: string): Answer {
    const id = this.#newId(UPLOAD_ID_LENGTH);
    const location = `Location: /${ACCOUNT}/vaults/${vault}/multipart-uploads/${id}\r\n`;
    return { status: '201 Created', headers: `${location}x-amz-multipart-upload-id: ${id}\r\n` };
  }

  #completed(treeHash: string, vault: string): Answer {
    const id = this.#newId(ID_LENGTH);
    this.#large.push({ id, treeHash });
    return stored(id, treeHash, vault);
  }

  /** A retrieval of each that is ready. */
  #jobs(): object[] {
    const now = new Date().toISOString();
    return this.#large.map(({ id, treeHash }) => ({
      JobId: `job${id}`.slice(-UPLOAD_ID_LENGTH),
      Action: 'ArchiveRetrieval',
      ArchiveId: id,
      ArchiveSizeInBytes: this.#content.length,
      SHA256TreeHash: treeHash,
      ArchiveSHA256TreeHash: treeHash,
      RetrievalByteRange: `0-${this.#content.length - 1}`,
      CreationDate: now,
      CompletionDate: now,
      Completed: true,
      StatusCode: 'Succeeded',
      StatusMessage: 'Succeeded',
      Tier: 'Standard',
      VaultARN: arnOf('any'),
    }));
  }

  /** Without a tree hash of the range: the client has that of the whole from elsewhere. */
  #output(head: RequestHead): Answer {
    const range = /^bytes=(\d+)-(\d+)$/.exec(head.header('range') ?? '');
    if (range === null) return { status: '200 OK', body: this.#content };
    const [start, end] = [Number(range[1]), Number(range[2]) + 1];
    const headers = `Content-Range: bytes ${start}-${end - 1}/${this.#content.length}\r\n`;
    return { status: '206 Partial Content', headers, body: this.#content.subarray(start, end) };
  }
}

function treeHashIn(head: RequestHead): string {
  return head.header('x-amz-sha256-tree-hash') ?? '';
}

function stored(id: string, treeHash: string, vault: string): Answer {
  const location = `Location: /${ACCOUNT}/vaults/${vault}/archives/${id}\r\n`;
  return {
    status: '201 Created',
    headers: `${location}x-amz-archive-id: ${id}\r\nx-amz-sha256-tree-hash: ${treeHash}\r\n`,
  };
}

function describe(vault: string): object {
  return {
    VaultName: vault,
    VaultARN: arnOf(vault),
    CreationDate: CREATED,
    LastInventoryDate: null,
    NumberOfArchives: 0,
    SizeInBytes: 0,
  };
}

function arnOf(vault: string): string {
  return `arn:aws:glacier:us-east-1:${ACCOUNT}:vaults/${vault}`;
}

function refused(): Answer {
  const body = Buffer.from('{"code":"BadRequest","message":"not known here","type":"Client"}');
  return { status: '400 Bad Request', headers: 'Content-Type: application/json\r\n', body };
}

function json(content: object): Answer {
  return {
    status: '200 OK',
    headers: 'Content-Type: application/json\r\n',
    body: Buffer.from(JSON.stringify(content)),
  };
}
