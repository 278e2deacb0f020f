import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Clock, Timestamp } from '../../platform/clock.ts'
import { AppError } from '../errors.ts'

/** The signed URLs of files. Who has one may use it for what it was made for, until it expires, without signing in. */
export type FilesPort = {
  /** The largest file that is taken, in bytes. */
  bytesMax: number
  uploadUrl(upload: Upload): string
  /** The same for everybody and for the whole of an hour, so that what holds it can be cached; valid for 1 to 2 hours. */
  downloadUrl(file: { fileId: string; name: string }): string
  /** The file that an upload or download URL of this server names; undefined for any other text. Says nothing of its signature. */
  parseFileUrl(url: string): string | undefined
  /** Throws `invalid_signature` or `url_expired`. */
  requireUpload(upload: Upload, signature: string): void
  requireDownload(download: { fileId: string; expiresAt: Timestamp }, signature: string): void
}

export type Upload = { fileId: string; contentType: string; sizeBytes: number; expiresAt: Timestamp }

const HOUR_MS = 60 * 60 * 1000
const FILE_PATH = /^\/uploads\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:\/[^/]*)?$/i
const URL_LENGTH_MAX = 4_096

export type FileUrlOptions = { publicUrl(): string; key: Buffer; bytesMax: number; clock: Clock }

export function createFileUrls({ publicUrl, key, bytesMax, clock }: FileUrlOptions): FilesPort {
  const base = () => publicUrl().replace(/\/+$/, '')
  const sign = (...parts: (string | number)[]) => createHmac('sha256', key).update(parts.join('\n')).digest('base64url')
  // What a URL is for stands in what is signed, so that a download URL never uploads.
  const signUpload = ({ fileId, contentType, sizeBytes, expiresAt }: Upload) =>
    sign('PUT', fileId, contentType, sizeBytes, seconds(expiresAt))
  const signDownload = (fileId: string, expiresAt: Timestamp) => sign('GET', fileId, seconds(expiresAt))
  return {
    bytesMax,
    uploadUrl(upload) {
      const query = new URLSearchParams({
        type: upload.contentType,
        size: String(upload.sizeBytes),
        expires: String(seconds(upload.expiresAt)),
        signature: signUpload(upload),
      })
      return `${base()}/uploads/${upload.fileId}?${query}`
    },
    downloadUrl({ fileId, name }) {
      const expiresAt = new Date((Math.floor(Date.parse(clock()) / HOUR_MS) + 2) * HOUR_MS).toISOString()
      const signature = signDownload(fileId, expiresAt)
      return `${base()}/uploads/${fileId}/${encodeURIComponent(name)}?expires=${seconds(expiresAt)}&signature=${signature}`
    },
    parseFileUrl: (url) => parseFileUrl(url, base()),
    requireUpload(upload, signature) {
      requireSignature(signUpload(upload), signature)
      if (upload.expiresAt <= clock()) throw new AppError('url_expired')
    },
    requireDownload({ fileId, expiresAt }, signature) {
      requireSignature(signDownload(fileId, expiresAt), signature)
      if (expiresAt <= clock()) throw new AppError('url_expired')
    },
  }
}

function parseFileUrl(url: string, base: string): string | undefined {
  if (url.length > URL_LENGTH_MAX || !url.startsWith(base)) return undefined
  const path = url.slice(base.length).split(/[?#]/, 1)[0]!
  return FILE_PATH.exec(path)?.[1]?.toLowerCase()
}

function requireSignature(expected: string, given: string) {
  const [a, b] = [Buffer.from(expected), Buffer.from(given)]
  if (a.length !== b.length || !timingSafeEqual(a, b)) throw new AppError('invalid_signature')
}

function seconds(at: Timestamp): number {
  return Math.floor(Date.parse(at) / 1000)
}
