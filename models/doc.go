// Package models holds Perene's nouns: entities, their states, pure predicates, ids and errors.
//
// # Glossary
//
// One word for one thing, in Go, SQL, JSON, TypeScript and the docs. The Portuguese word is the console's.
//
//	Account (Conta)            tenant; every row carries its id
//	Connection (Conexão)       one account at a provider through which we speak: a WhatsApp number, a page, a bot
//	Channel (Tipo de conexão)  the kind of provider that a connection is of: whatsapp_cloud
//	Queue (Fila)               where tickets wait; users belong to queues
//	User (Usuário)             somebody who signs in; role user, supervisor or admin
//	Agent (Atendente)          the user who serves a ticket or a contact; agent_id names that user
//	Sign-in (Acesso)           a browser in which a user is signed in, known by its cookie
//	Pass (Passe)               opens one WebSocket, once
//	Contact (Contato)          a person; an Identity is how a provider knows them
//	Conversation (Conversa)    one contact on one connection, for ever
//	Ticket (Atendimento)       one episode of human service in a conversation, and nothing else
//	Message (Mensagem)         inbound, outbound, internal note or system line
//	Session window (Sessão)    until when free-form sending is allowed; no browser has a session
//	Flow, version, run (Fluxo, versão, execução)  a drawn graph; an immutable published graph; one contact's way through it
//	Template (Modelo)          a message approved by Meta
//	Doorbell                   a row that says "this workflow has something to look at"
package models
