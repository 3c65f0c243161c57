package engine

// SearchRevision tells searches apart that may find other triggers from the same seeds, models and settings: it is raised by one in every version of the
// module in which a strategy of it finds others than in the version before. Evidence notes it, so that evidence of an older search is known as such. Version 0.1.0 has 1, and
// noted none.
const SearchRevision = 2
