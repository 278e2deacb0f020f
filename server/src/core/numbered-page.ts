/** Which part of a list, by number from 1. */
export type PageNumber = { page: number; pageSize: number }

/** A part of a list, and how many rows the whole has. */
export type NumberedPage<Row> = { rows: Row[]; totalCount: number }
