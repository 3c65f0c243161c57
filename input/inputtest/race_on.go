//go:build race

package inputtest

// RaceDetector says that the race detector is on, which makes a sync.Pool forget, so that more is allocated.
const RaceDetector = true
