"""The environment variables that are settings, for programs and for people."""

from collections.abc import Mapping

VARIABLES: Mapping[str, tuple[tuple[str, ...], str]] = {
    "LME_ENV": (("environment",), "development, testing o production (por omisión development)"),
    "LME_HOME": (("home",), "carpeta de los datos y archivos propios (por omisión .lme en el proyecto)"),
    "LME_KEYS": (("keys",), "carpeta de las llaves (por omisión «llaves» dentro de LME_HOME)"),
    "LME_HOST": (("web", "host"), "dirección en que atiende la web"),
    "LME_PORT": (("web", "port"), "puerto en que atiende la web"),
    "LME_ORIGIN": (("web", "origin"), "dirección pública, por ejemplo https://lme.operador.cl"),
    "LME_WEB_WORKERS": (("web", "workers"), "procesos de la web"),
    "LME_TRUSTED_PROXIES": (("web", "trusted_proxies"), "cuántos servidores intermedios propios hay delante"),
    "LME_OPERATOR_NAME": (("operator", "name"), "nombre del operador"),
    "LME_OPERATOR_RUT": (("operator", "rut"), "RUT del operador"),
    "LME_OPERATOR_CODE": (("operator", "code"), "código del operador ante la SUSESO"),
    "LME_LOG_ORIGIN": (("log", "origin"), "nombre del registro de auditoría, para siempre el mismo"),
    "LME_DATABASE_URL_APPLICATION": (("database", "application"), "PostgreSQL para la web (rol lme_application)"),
    "LME_DATABASE_URL_WORKER": (("database", "worker"), "PostgreSQL para las tareas (rol lme_worker)"),
    "LME_DATABASE_URL_OWNER": (("database", "owner"), "PostgreSQL para migrar (rol lme_owner)"),
    "LME_DATABASE_URL_READER": (("database", "reader"), "PostgreSQL para leer (rol lme_reader)"),
    "LME_BROKER_URL": (("jobs", "broker"), "mensajería: postgresql://, redis:// o amqp://"),
    "LME_SMTP_URL": (("mail", "server"), "correo: smtps://usuario:clave@servidor o smtp+starttls://…"),
    "LME_MAIL_FROM": (("mail", "sender"), "dirección desde la que se envía el correo"),
    "LME_SMS_URL": (("sms", "url"), "proveedor de SMS (GSMA OneAPI), https://"),
    "LME_SMS_TOKEN": (("sms", "token"), "secreto del contrato con ese proveedor"),
    "LME_SMS_FROM": (("sms", "sender"), "teléfono (+56…) o número corto desde el que se envía"),
    "LME_RNPI_URL": (("rnpi", "url"), "API del RNPI, https://"),
    "LME_RNPI_APIKEY": (("rnpi", "token"), "clave de acceso que otorga la Intendencia de Prestadores"),
    "LME_RNPI_CONTROLS": (("rnpi", "controls"), "servidores de control propios, https://, separados por comas"),
    "LME_REGISTRO_CIVIL_URL": (("registro_civil", "url"), "servicio de vigencia de cédulas, https://"),
    "LME_REGISTRO_CIVIL_TOKEN": (("registro_civil", "token"), "secreto del convenio con el Registro Civil"),
    "LME_REGISTRO_CIVIL_AUTHORITIES": (("registro_civil", "authorities"), "autoridades en que se confía, archivo PEM"),
    "LME_REGISTRO_CIVIL_CERTIFICATE": (("registro_civil", "certificate"), "certificado propio ante él, archivo PEM"),
    "LME_REGISTRO_CIVIL_KEY": (("registro_civil", "private_key"), "llave de ese certificado, archivo PEM"),
    "LME_BIOMETRICS_URL": (("biometrics", "url"), "proveedor de verificación biométrica, https://"),
    "LME_BIOMETRICS_TOKEN": (("biometrics", "token"), "secreto del contrato con ese proveedor"),
}  # fmt: skip
"""Environment variable → where it goes, and what it is, for people."""
