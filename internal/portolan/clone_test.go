package portolan

import (
	"fmt"
	"reflect"
	"testing"
	"time"
)

// TestClone fills every field there is, so that one that is added later and
// forgotten in Clone shows.
func TestClone(t *testing.T) {
	var s State
	fill(reflect.ValueOf(&s).Elem(), 1)
	c := s.Clone()
	if !reflect.DeepEqual(s, c) {
		t.Fatalf("got\n%+v\nwant\n%+v", c, s)
	}
	if shared := sharing(reflect.ValueOf(s), reflect.ValueOf(c), "State"); len(shared) > 0 {
		t.Errorf("the clone shares the memory of %v", shared)
	}
	if z := (State{}).Clone(); !reflect.DeepEqual(z, State{}) {
		t.Errorf("the clone of nothing is %+v", z)
	}
}

// TestEqualSeesEveryField changes one field after the other: a face would never
// hear of a change that Equal does not see.
func TestEqualSeesEveryField(t *testing.T) {
	var f, same ForwardView
	fill(reflect.ValueOf(&f).Elem(), 1)
	fill(reflect.ValueOf(&same).Elem(), 1)
	if !f.Equal(same) || !(ForwardView{}).Equal(ForwardView{}) {
		t.Fatal("alike, and not equal")
	}
	fields := 0
	for path := range leaves(reflect.ValueOf(&f).Elem(), "ForwardView") {
		if fields++; f.Equal(same) || same.Equal(f) {
			t.Errorf("Equal does not look at %s", path)
		}
	}
	if fields < 40 {
		t.Errorf("only %d fields were changed", fields)
	}
}

// fill gives everything below v a value that is not zero.
func fill(v reflect.Value, n int) {
	switch v.Kind() {
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Unix(int64(n), 0).UTC()))
			return
		}
		for i := range v.NumField() {
			fill(v.Field(i), n+i)
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), n)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0), n)
		fill(v.Index(1), n+1)
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(key, n)
		fill(value, n)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	default:
		bump(v, n)
	}
}

// bump changes one plain value.
func bump(v reflect.Value, by int) {
	switch {
	case v.Kind() == reflect.String:
		v.SetString(v.String() + fmt.Sprint(by))
	case v.Kind() == reflect.Bool:
		v.SetBool(!v.Bool())
	case v.CanInt():
		v.SetInt(v.Int() + int64(by))
	case v.CanUint():
		v.SetUint(v.Uint() + uint64(by))
	default:
		panic("no such plain value: " + v.Type().String())
	}
}

// leaves changes each plain value below v while it is yielded.
func leaves(v reflect.Value, path string) func(func(string) bool) {
	return func(yield func(string) bool) { walk(v, path, yield) }
}

func walk(v reflect.Value, path string, yield func(string) bool) bool {
	switch v.Kind() {
	case reflect.Struct:
		if at, ok := v.Interface().(time.Time); ok {
			v.Set(reflect.ValueOf(at.Add(time.Hour)))
			defer v.Set(reflect.ValueOf(at))
			return yield(path)
		}
		for i := range v.NumField() {
			if !walk(v.Field(i), path+"."+v.Type().Field(i).Name, yield) {
				return false
			}
		}
		return true
	case reflect.Pointer:
		return walk(v.Elem(), path, yield)
	case reflect.Slice:
		return walk(v.Index(v.Len()-1), path+"[]", yield)
	default:
		before := reflect.New(v.Type()).Elem()
		before.Set(v)
		bump(v, 7)
		defer v.Set(before)
		return yield(path)
	}
}

// sharing lists the paths at which two equal values have memory in common.
func sharing(a, b reflect.Value, path string) (shared []string) {
	switch a.Kind() {
	case reflect.Struct:
		if a.Type() == reflect.TypeFor[time.Time]() {
			return nil
		}
		for i := range a.NumField() {
			shared = append(shared, sharing(a.Field(i), b.Field(i), path+"."+a.Type().Field(i).Name)...)
		}
	case reflect.Pointer, reflect.Slice, reflect.Map:
		if a.Pointer() == b.Pointer() {
			return []string{path}
		}
		if a.Kind() == reflect.Pointer {
			return sharing(a.Elem(), b.Elem(), path)
		}
		if a.Kind() == reflect.Slice {
			return sharing(a.Index(0), b.Index(0), path+"[]")
		}
		for _, key := range a.MapKeys() {
			shared = append(shared, sharing(a.MapIndex(key), b.MapIndex(key), path+"[]")...)
		}
	}
	return shared
}
