package beam

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/triggerfinder/triggerfinder/engine"
)

// DefaultSeedsAtOnce is how many seeds are one piece of work, unless a job is told otherwise.
const DefaultSeedsAtOnce = 256

// Job is one search of a data set.
type Job struct {
	// Plan is the name under which the plan was registered, and Arguments are what it is made of.
	Plan      string          `json:"plan"`
	Arguments json.RawMessage `json:"arguments,omitempty"`
	// Folder is where results go: a folder, or a place of an object store such as gs://bucket/release-17. All workers have to reach it. A job that finds
	// its own results there goes on with what is missing.
	Folder string `json:"-"`
	// SeedsAtOnce is how many seeds are one piece of work, which is done again as a whole where a worker fails. 0 means [DefaultSeedsAtOnce].
	SeedsAtOnce int `json:"-"`
	// OnProgress is called every few seconds by [Run], as pieces of work come to their end, and at the end of the job, also of one that was cancelled.
	OnProgress func(Progress) `json:"-"`
}

func (j Job) check() error {
	switch {
	case j.Plan == "":
		return errors.New("beam: job: Plan is empty; expected the name of a plan")
	case strings.TrimSpace(j.Folder) == "":
		return errors.New("beam: job: Folder is empty; expected a folder, or a place of an object store such as gs://bucket/release-17")
	case j.SeedsAtOnce < 0:
		return fmt.Errorf("beam: job: SeedsAtOnce is %d; expected 0 (the default) or more", j.SeedsAtOnce)
	case len(j.Arguments) > 0 && !json.Valid(j.Arguments):
		return errors.New("beam: job: Arguments: expected JSON")
	}
	return nil
}

func (j Job) seedsAtOnce() int {
	if j.SeedsAtOnce > 0 {
		return j.SeedsAtOnce
	}
	return DefaultSeedsAtOnce
}

// planID tells plans of this process apart.
func (j Job) planID() string {
	var compact bytes.Buffer
	if json.Compact(&compact, j.Arguments) != nil {
		compact.Reset() // none
	}
	return j.Plan + "\x00" + compact.String()
}

// key tells searches apart: that of another plan, other arguments or other seeds has another one.
func (j Job) key(l Listing) (string, error) {
	text, err := json.Marshal(struct {
		Job     Job
		Listing Listing
	}{j, l})
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8]), nil
}

// Places in the job's folder. What belongs to one search lies below its key, so that others do not take it for theirs.

func (j Job) place(parts ...string) string {
	return strings.TrimRight(j.Folder, "/") + "/" + strings.Join(parts, "/")
}

func (j Job) screeningFile(key string) string { return j.place("search-"+key, "screening") }

func (j Job) resultsFile(key string, from, to int) string {
	return j.place("search-"+key, "results", fmt.Sprintf("%012d-%012d", from, to))
}

// screening is what was screened for the search with that key.
func (j Job) screening(ctx context.Context, key string) (*engine.Screening, error) {
	file := j.screeningFile(key)
	data, err := readFile(ctx, file)
	if err != nil {
		return nil, err
	}
	s := new(engine.Screening)
	if err := s.UnmarshalBinary(data); err != nil {
		return nil, fmt.Errorf("beam: %s: %w", file, err)
	}
	return s, nil
}
