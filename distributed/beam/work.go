package beam

// Work is a piece of work: seeds of a search from one index up to another, and the parts of the source in which they lie.
type Work struct {
	Key      string
	From, To int
	First    int // the index of the first seed of the first part
	Parts    []Part
}

// piecesOf divides a listing. Pieces end where parts do, so that few workers read the same part, unless a part holds more than a piece.
func piecesOf(l Listing, key string, atOnce int, do func(Work)) {
	at, w := 0, Work{Key: key}
	flush := func() {
		if w.To > w.From {
			do(w)
		}
		w = Work{Key: key, From: at, To: at, First: at}
	}
	for _, p := range l.Parts {
		if p.Seeds == 0 {
			continue
		}
		if w.To > w.From && w.To-w.From+p.Seeds > atOnce {
			flush()
		}
		if p.Seeds <= atOnce {
			w.Parts = append(w.Parts, p)
			at += p.Seeds
			w.To = at
			continue
		}
		pieces := (p.Seeds + atOnce - 1) / atOnce
		for i := range pieces {
			do(Work{Key: key, From: at + i*p.Seeds/pieces, To: at + (i+1)*p.Seeds/pieces, First: at, Parts: []Part{p}})
		}
		at += p.Seeds
		w = Work{Key: key, From: at, To: at, First: at}
	}
	flush()
}
