package stats

// For tests against numeric integration.
var (
	Against = against
	Beyond  = beyond
)
