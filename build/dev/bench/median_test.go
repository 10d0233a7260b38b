package main

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestMedian(t *testing.T) {
	for _, test := range []struct {
		values []float64
		want   float64
	}{
		{[]float64{5}, 5}, {[]float64{9, 1}, 5}, {[]float64{3, 1, 2}, 2}, {[]float64{4, 1, 3, 2}, 2.5}, {[]float64{0, 0, 1e9}, 0},
	} {
		if got := median(test.values); got != test.want {
			t.Errorf("median(%v) = %v, want %v", test.values, got, test.want)
		}
	}
	if !math.IsNaN(median(nil)) || !math.IsNaN(percentile(nil, 50)) {
		t.Error("nothing has a median")
	}
}

func TestPercentile(t *testing.T) {
	hundred := make([]float64, 100)
	for i := range hundred {
		hundred[i] = float64(100 - i) // 1 to 100, upside down
	}
	for p, want := range map[float64]float64{0: 1, 1: 1, 50: 50, 99: 99, 99.5: 100, 100: 100} {
		if got := percentile(hundred, p); got != want {
			t.Errorf("percentile(1…100, %v) = %v, want %v", p, got, want)
		}
	}
}

// TestPercentileByDefinition holds what the comment says, for any values, and
// that the values stay as they were.
func TestPercentileByDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Float64Range(-1e6, 1e6), 1, 50).Draw(t, "values")
		p := rapid.Float64Range(1, 100).Draw(t, "p")
		before := slices.Clone(values)
		got := percentile(values, p)
		notAbove := func(limit float64) (n float64) {
			for _, v := range values {
				if v <= limit {
					n++
				}
			}
			return n
		}
		need := p / 100 * float64(len(values))
		if notAbove(got) < need {
			t.Fatalf("only %v of %d values are not above %v", notAbove(got), len(values), got)
		}
		for _, v := range values {
			if v < got && notAbove(v) >= need {
				t.Fatalf("%v is smaller than %v and would do", v, got)
			}
		}
		if !slices.Equal(values, before) {
			t.Fatal("the values have changed places")
		}
	})
}
