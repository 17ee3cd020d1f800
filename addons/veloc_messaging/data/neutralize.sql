-- A copy never sends: accounts stop and lose their way to the provider.
UPDATE veloc_account
   SET state = 'paused',
       pause_reason = 'neutralized copy',
       provider = 'sandbox',
       account_sid = NULL,
       messaging_service_sid = NULL,
       base_url = NULL;

-- What was waiting or in the air belongs to the original.
UPDATE veloc_message
   SET state = 'cancelled',
       failure_code = 'neutralized'
 WHERE state = 'queued';
UPDATE veloc_message
   SET state = 'failed',
       failure_class = 'in_doubt',
       failure_code = 'neutralized',
       lease_until = NULL
 WHERE state IN ('sending', 'in_doubt');
UPDATE sms_sms SET state = 'canceled' WHERE state = 'outgoing';
UPDATE mail_mail SET state = 'cancel' WHERE state = 'outgoing';

-- Links and callbacks must not name the original's address.
DELETE FROM ir_config_parameter WHERE key = 'veloc.public_url';
UPDATE ir_config_parameter SET value = 'http://localhost' WHERE key = 'web.base.url';

-- People's browsers.
DO $$
BEGIN
    IF to_regclass('veloc_push_subscription') IS NOT NULL THEN
        DELETE FROM veloc_push_subscription;
    END IF;
END $$;

-- Nor does it know the passwords to the providers.
DO $$
BEGIN
    IF to_regclass('veloc_account_secret') IS NOT NULL THEN
        DELETE FROM veloc_account_secret;
        UPDATE veloc_account SET has_stored_secret = false;
    END IF;
END $$;
