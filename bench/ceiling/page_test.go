package main

import (
	"slices"
	"strings"
	"testing"
)

// toyRow is a row of 10 seeds in which the reference has found one that another search has found since.
func toyRow() measured {
	return measured{row: row{Pair: "fixtures lenet5-int8", Seeds: 10, Most: 8}, Columns: []column{
		{Name: boundaryName, Found: []int{1, 3, 4}}, {Name: boundaryName + " with gradients", Found: []int{1, 3, 4, 6}, Queries: 10, Gradients: 30},
		{Name: referenceName, Found: []int{6, 7}},
	}}
}

func TestTable(t *testing.T) {
	table := tableOf([]measured{toyRow()})
	want := []string{"fixtures lenet5-int8", "10", "8", "–", "5", "–", "–", "3 (60 %)", "–", "4 (80 %)", "1"}
	if len(table.Rows) != 1 || !slices.Equal(table.Rows[0], want) {
		t.Errorf("found %q, expected %q", table.Rows, want)
	}
	page := string(pageOf([]measured{toyRow(), toyRow()}, table))
	for _, words := range []string{"for 10 seeds. Missed of these: Boundary 4; Boundary with gradients 2.", "Boundary with gradients 3.00"} {
		if !strings.Contains(page, words) {
			t.Errorf("expected %q in\n%s", words, page)
		}
	}
}

func TestRowsByName(t *testing.T) {
	all := rows("DIR")
	for word, want := range map[string]int{"fixtures lenet5-int8, LInf 8": 1, "fixtures lenet5-int8": 5, "sure": 4, "vgg": 0} {
		n := 0
		for _, r := range all {
			if r.isMeant(word, all) {
				n++
			}
		}
		if n != want {
			t.Errorf("%q means %d rows, expected %d", word, n, want)
		}
	}
}
