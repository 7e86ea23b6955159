-- +goose Up
-- The trigger is asked for rows that are inserted ready. A row inserted as claimed would be a head already.
DROP TRIGGER send_queue_behind ON send_queue;
CREATE TRIGGER send_queue_behind BEFORE INSERT ON send_queue FOR EACH ROW WHEN (NEW.state = 'ready') EXECUTE FUNCTION send_queue_behind();

-- +goose Down
DROP TRIGGER send_queue_behind ON send_queue;
CREATE TRIGGER send_queue_behind BEFORE INSERT ON send_queue FOR EACH ROW EXECUTE FUNCTION send_queue_behind();
