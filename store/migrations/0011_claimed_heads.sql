-- +goose Up
-- What a step queues claimed (ADR 53) is a head: the statement has looked that nothing of the conversation waits, under the
-- conversation's lock. So the queue need not be asked once more.
DROP TRIGGER send_queue_behind ON send_queue;
CREATE TRIGGER send_queue_behind BEFORE INSERT ON send_queue FOR EACH ROW WHEN (NEW.state = 'ready') EXECUTE FUNCTION send_queue_behind();

-- +goose Down
DROP TRIGGER send_queue_behind ON send_queue;
CREATE TRIGGER send_queue_behind BEFORE INSERT ON send_queue FOR EACH ROW EXECUTE FUNCTION send_queue_behind();
