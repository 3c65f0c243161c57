package engine

// SearchRevision tells searches apart that may find other triggers from the same seeds, models and settings: it is raised by one in every change of the
// module that changes what a strategy of it finds. Evidence notes it, so that evidence of an older search is known as such. Version 0.1.0 has 1, and
// noted none.
const SearchRevision = 2
