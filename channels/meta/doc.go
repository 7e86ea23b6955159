// Package meta holds what all of Meta's channels share: the Graph API client,
// the error table, webhook signatures and the making safe of error texts.
package meta
