// Package whatsapp is the adapter for WhatsApp by Meta's Cloud API: numbers
// registered on the API alone or shared with the WhatsApp Business app
// (coexistence).
package whatsapp
