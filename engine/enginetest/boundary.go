package enginetest

import (
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/strategies"
)

func Boundary(change func(*engine.Settings)) engine.Settings {
	s := engine.Settings{Strategy: strategies.BoundarySearch{}, Budget: engine.Budget{QueriesPerSeed: 100}}
	if change != nil {
		change(&s)
	}
	return s
}

// Overlooked shows what a strategy is asked and told.
type Overlooked struct {
	engine.PoolStrategy
	Tell func(engine.Task, []engine.Evaluation)
	Pool func([]engine.Evaluation)
}

func (o Overlooked) WithPool(pool []engine.Evaluation) engine.Strategy {
	if o.Pool != nil {
		o.Pool(pool)
	}
	return Overlooked{o.PoolStrategy.WithPool(pool).(engine.PoolStrategy), o.Tell, o.Pool}
}

func (o Overlooked) NewSearcher(task engine.Task) (engine.Searcher, error) {
	searcher, err := o.PoolStrategy.NewSearcher(task)
	if err != nil || o.Tell == nil {
		return searcher, err
	}
	return overlookedSearcher{searcher.(closingHistorian), o, task}, nil
}

type closingHistorian interface {
	engine.Closer
	engine.Historian
}

type overlookedSearcher struct {
	closingHistorian
	o    Overlooked
	task engine.Task
}

func (s overlookedSearcher) Tell(evaluations []engine.Evaluation) {
	s.o.Tell(s.task, evaluations)
	s.closingHistorian.Tell(evaluations)
}

// Aimed is the distance that the aim makes smaller.
func Aimed(aim distance.Aim, d distance.Distance) float64 {
	switch {
	case aim == distance.NearestSSIM && d.SSIM != nil:
		return 1 - *d.SSIM
	case aim == distance.NearestLInf:
		return d.LInf
	case aim == distance.NearestL0:
		return float64(d.L0)
	}
	return d.L2
}

var Aims = []distance.Aim{distance.NearestSSIM, distance.NearestL2, distance.NearestLInf, distance.NearestL0}

func ClosingIn(queries int, change func(*engine.Settings)) engine.Settings {
	return Boundary(func(s *engine.Settings) {
		s.Budget = engine.Budget{QueriesPerSeed: 100 + queries, ClosingQueriesPerSeed: queries}
		if change != nil {
			change(s)
		}
	})
}
