package beam

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/gate"
	"github.com/triggerfinder/triggerfinder/model"
)

// Plan is what a job searches. Every process that takes part makes it once and keeps it, with the models open.
type Plan struct {
	Pair *model.Pair
	// Settings are those of [engine.Search], but for limits that couple seeds: see [engine.Screen].
	Settings engine.Settings
	Seeds    Source
	// Rate is what [RunRate] measures; nil for nothing.
	Rate *Rate
	// Flips are the settings of [RunFlips]; the zero value is valid.
	Flips gate.FlipSettings
	// Close frees what the plan holds, such as the models; nil for nothing. It is called at the end of [Run], in its process: other workers
	// end with their process.
	Close func() error
}

// Maker makes a plan of the job's arguments. It is called on machines of which nothing is known but that they run this program.
type Maker func(ctx context.Context, arguments json.RawMessage) (*Plan, error)

var makers = struct {
	sync.Mutex
	named map[string]Maker
}{named: map[string]Maker{}}

// Register makes a plan known by a name. It is called in an init function, so that workers know it too; a name that is empty or taken is a
// mistake of the program's, and panics.
func Register(name string, make Maker) {
	makers.Lock()
	defer makers.Unlock()
	if name == "" || make == nil {
		panic("beam: Register: expected a name and a function")
	}
	if _, taken := makers.named[name]; taken {
		panic(fmt.Sprintf("beam: Register: expected a name for each plan, found %q twice", name))
	}
	makers.named[name] = make
}

// opened is a plan of this process.
type opened struct {
	once sync.Once
	plan *Plan
	err  error

	mu       sync.Mutex
	searches map[string]*engine.SeedSearch // by key of the search
	meters   map[string]*meter             // by kind and key
}

var plans = struct {
	sync.Mutex
	open map[string]*opened
}{open: map[string]*opened{}}

// open is the plan of the job in this process.
func (j Job) open(ctx context.Context) (*opened, error) {
	plans.Lock()
	id := j.planID()
	o := plans.open[id]
	if o == nil {
		o = &opened{searches: map[string]*engine.SeedSearch{}, meters: map[string]*meter{}}
		plans.open[id] = o
	}
	plans.Unlock()
	o.once.Do(func() { o.plan, o.err = j.make(ctx) })
	if o.err != nil {
		plans.Lock()
		if plans.open[id] == o { // another attempt may succeed
			delete(plans.open, id)
		}
		plans.Unlock()
	}
	return o, o.err
}

// Make makes the plan of a job anew, for a search of one's own in this process. Whoever makes it closes it.
func Make(ctx context.Context, job Job) (*Plan, error) { return job.make(ctx) }

func (j Job) make(ctx context.Context) (*Plan, error) {
	makers.Lock()
	make, ok := makers.named[j.Plan]
	known := slices.Sorted(maps.Keys(makers.named))
	makers.Unlock()
	if !ok {
		return nil, fmt.Errorf("beam: plan %q: expected one that this program registers, which are: %s", j.Plan, strings.Join(known, ", "))
	}
	p, err := make(ctx, j.Arguments)
	if err == nil && (p == nil || p.Pair == nil || p.Seeds == nil) {
		err = errors.New("expected a pair and seeds, found none")
	}
	if err != nil {
		return nil, fmt.Errorf("beam: plan %q: %w", j.Plan, err)
	}
	return p, nil
}

// close closes the plan of the job in this process, if it is open.
func (j Job) close() error {
	plans.Lock()
	o := plans.open[j.planID()]
	delete(plans.open, j.planID())
	plans.Unlock()
	if o == nil || o.plan == nil || o.plan.Close == nil {
		return nil
	}
	return o.plan.Close()
}

// seedSearch is what searches seeds of the search with that key.
func (o *opened) seedSearch(ctx context.Context, j Job, key string) (*engine.SeedSearch, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if x := o.searches[key]; x != nil {
		return x, nil
	}
	screening, err := j.screening(ctx, key)
	if err != nil {
		return nil, err
	}
	x, err := engine.NewSeedSearch(ctx, o.plan.Pair, screening, o.plan.Settings)
	if err == nil {
		o.searches[key] = x
	}
	return x, err
}
