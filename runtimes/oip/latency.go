package oip

import (
	"fmt"
	"slices"
	"sync"
	"time"
)

// Traffic is what was asked of a server so far.
type Traffic struct {
	// Requests are those that were answered, Repeated how often one was sent again since the server was not available.
	Requests, Repeated int
	// Median and P90 are how long the latest requests took, at most 4,096 of them, without what was waited before others.
	Median, P90 time.Duration
}

// String says it in words, for the notes of a report.
func (t Traffic) String() string {
	text := fmt.Sprintf("%d requests, which took %v (median; 90 %% took at most %v)", t.Requests, round(t.Median), round(t.P90))
	if t.Repeated > 0 {
		text += fmt.Sprintf("; %d were sent again", t.Repeated)
	}
	return text
}

// round leaves about three digits.
func round(d time.Duration) time.Duration {
	unit := time.Nanosecond
	for d/unit >= 1000 {
		unit *= 10
	}
	return d.Round(unit)
}

// clock keeps how long requests take.
type clock struct {
	mu        sync.Mutex
	count     int
	repeats   int
	durations []time.Duration
}

const mostDurations = 4096

func (c *clock) took(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.durations) < mostDurations {
		c.durations = append(c.durations, d)
	} else {
		c.durations[c.count%mostDurations] = d
	}
	c.count++
}

func (c *clock) repeated() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.repeats++
}

func (c *clock) traffic() Traffic {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := Traffic{Requests: c.count, Repeated: c.repeats}
	if n := len(c.durations); n > 0 {
		sorted := slices.Sorted(slices.Values(c.durations))
		t.Median, t.P90 = sorted[n/2], sorted[n*9/10]
	}
	return t
}
