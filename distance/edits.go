package distance

import "github.com/triggerfinder/triggerfinder/input"

// Edit is one token that differs between a text and another one.
type Edit struct {
	Kind EditKind
	// At is the place in the values of the first text: of the token that is replaced or taken out, or of the one before which one is
	// put in.
	At            int
	Before, After float32 // tokens; 0 where there is none
}

// EditKind is a way in which a token differs.
type EditKind uint8

// The kinds of edits.
const (
	Replaced EditKind = iota
	TakenOut
	PutIn
)

// longestCompared is how many numbers a table of edits may have.
const longestCompared = 1 << 22

// EditsBetween is a shortest list of edits that make one text of another, in their order, without padding. Where a
// text may not change its length, or nothing is known of its vocabulary, it is what differs place by place. Texts that are too long for
// the shortest list (see [ShortestEdits]) are compared place by place from their first token on.
func EditsBetween(from, to input.Input) []Edit {
	v := from.Vocabulary()
	if v == nil || v.KeepLength || v.Pad == input.Unpadded {
		return byPlace(from, to)
	}
	first, end := v.Text(from.Data)
	start, stop := v.Text(to.Data)
	a, b := from.Data[first:end], to.Data[start:stop]
	edits, ok := ShortestEdits(a, b)
	if !ok {
		edits = fromFirst(a, b)
	}
	for i := range edits {
		edits[i].At += first
	}
	return edits
}

// ShortestEdits is a shortest list of edits that make the tokens b of the tokens a, in their order. ok is false for those that are too long
// for that: where what is left of them without their common beginning and end has more than some four million pairs of places.
func ShortestEdits(a, b []float32) (edits []Edit, ok bool) {
	first := 0
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b, first = a[1:], b[1:], first+1
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	if (len(a)+1)*(len(b)+1) > longestCompared {
		return nil, false
	}
	width := len(b) + 1
	table := make([]int32, (len(a)+1)*width)
	for i := len(a); i >= 0; i-- {
		for j := len(b); j >= 0; j-- {
			left := &table[i*width+j]
			switch {
			case i == len(a):
				*left = int32(len(b) - j)
			case j == len(b):
				*left = int32(len(a) - i)
			case a[i] == b[j]:
				*left = table[(i+1)*width+j+1]
			default:
				*left = 1 + min(table[(i+1)*width+j+1], table[(i+1)*width+j], table[i*width+j+1])
			}
		}
	}
	for i, j := 0, 0; i < len(a) || j < len(b); {
		left := table[i*width+j]
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			i, j = i+1, j+1
		case i < len(a) && j < len(b) && left == 1+table[(i+1)*width+j+1]:
			edits = append(edits, Edit{Replaced, first + i, a[i], b[j]})
			i, j = i+1, j+1
		case i < len(a) && left == 1+table[(i+1)*width+j]:
			edits = append(edits, Edit{Kind: TakenOut, At: first + i, Before: a[i]})
			i++
		default:
			edits = append(edits, Edit{Kind: PutIn, At: first + i, After: b[j]})
			j++
		}
	}
	return edits, true
}

// fromFirst are edits that make the tokens b of a: what differs place by place, and then what one has more than the other.
func fromFirst(a, b []float32) []Edit {
	var edits []Edit
	common := min(len(a), len(b))
	for i, before := range a[:common] {
		if after := b[i]; after != before {
			edits = append(edits, Edit{Replaced, i, before, after})
		}
	}
	for i, before := range a[common:] {
		edits = append(edits, Edit{Kind: TakenOut, At: common + i, Before: before})
	}
	for _, after := range b[common:] {
		edits = append(edits, Edit{Kind: PutIn, At: common, After: after})
	}
	return edits
}

// byPlace is what differs place by place.
func byPlace(from, to input.Input) []Edit {
	var edits []Edit
	for i, before := range from.Data {
		if after := to.Data[i]; after != before {
			edits = append(edits, Edit{Replaced, i, before, after})
		}
	}
	return edits
}

// ApplyEdits writes a text with some edits into dst, another input like it. The edits are in the order of their places, those that put
// a token in before the one that changes what is there. Padding stays on its side of the text; where the text has none, that is the side
// on which another text has it, such as the one that the edits were taken from. It reports whether there is room for the edits.
func ApplyEdits(dst, from, other input.Input, edits []Edit) bool {
	moves := 0
	for _, e := range edits {
		switch e.Kind {
		case PutIn:
			moves++
		case TakenOut:
			moves--
		}
	}
	v := from.Vocabulary()
	first, end := 0, len(from.Data)
	if v != nil && v.Pad != input.Unpadded {
		first, end = v.Text(from.Data)
	}
	n := end - first + moves
	if n < 0 || n > len(dst.Data) {
		return false
	}
	at := min(first, len(dst.Data)-n)
	if v != nil && (paddedInFront(v, from) || first == 0 && end == len(from.Data) && paddedInFront(v, other)) {
		at = len(dst.Data) - n
	}
	if v != nil && v.Pad != input.Unpadded {
		for i := range dst.Data {
			dst.Data[i] = float32(v.Pad)
		}
	}
	write := func(token float32) {
		if at < len(dst.Data) {
			dst.Data[at] = token
			at++
		}
	}
	next := 0
	for i := first; i <= end; i++ {
		kept := i < end
		for ; next < len(edits) && edits[next].At <= i; next++ {
			switch e := edits[next]; {
			case e.Kind == PutIn:
				write(e.After)
			case e.At == i && kept:
				if kept = false; e.Kind == Replaced {
					write(e.After)
				}
			}
		}
		if kept {
			write(from.Data[i])
		}
	}
	return true
}

func paddedInFront(v *input.Vocabulary, in input.Input) bool {
	first, end := v.Text(in.Data)
	return first > 0 && end == len(in.Data)
}
