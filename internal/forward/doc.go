// Package forward keeps the wanted forwards listening and carries their
// connections to the pods behind them.
//
// An [Engine] is told what is wanted ([Spec]) and says what is
// ([portolan.Status]). A listener stays open for as long as its forward is
// wanted, whatever happens behind it. Nothing is dialled before the first
// connection; from then on each local connection has an upgraded connection to
// the pod for itself (package mux says why), taken from a pool that keeps one
// warm spare for a pod in use.
//
// The way into a cluster comes in as [Clusters], the way to ask the operating
// system as functions in [Config]; this package knows neither Kubernetes nor the
// machine.
package forward
